import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type IdempotencyClaim, SomaError } from '@soma/core';
import type { Request } from 'express';

/** Says which lease a DELETE ends, so it belongs to what the request is. */
export const LOCK_TOKEN_HEADER = 'x-lock-token';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The request's Idempotency-Key with a hash of method, path and body; undefined without one. */
export const Idempotency = createParamDecorator(
  (_: undefined, context: ExecutionContext): IdempotencyClaim | undefined => {
    const request = context.switchToHttp().getRequest<Request>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return undefined;
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new SomaError(
        'IDEMPOTENCY_KEY_INVALID',
        'An Idempotency-Key has 1 to 255 visible ASCII characters.',
      );
    }
    const { method, originalUrl, headers } = request;
    const body: unknown = request.body;
    const lease = headers[LOCK_TOKEN_HEADER];
    const described = JSON.stringify([
      method,
      originalUrl,
      headers['if-match'],
      body,
      ...(lease === undefined ? [] : [lease]),
    ]);
    return { key, requestHash: createHash('sha256').update(described).digest('hex') };
  },
);
