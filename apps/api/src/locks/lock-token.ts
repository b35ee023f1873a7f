import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { SomaError } from '@soma/core';
import type { Request } from 'express';
import { LOCK_TOKEN_HEADER } from '../http/idempotency.js';

/** The token of a lease in the header, for where bodies of DELETE get lost. */
export const LockToken = createParamDecorator(
  (_: undefined, context: ExecutionContext): string | undefined => {
    const value = context.switchToHttp().getRequest<Request>().headers[LOCK_TOKEN_HEADER];
    return typeof value === 'string' ? value : undefined;
  },
);

/** @throws SomaError VALIDATION_FAILED unless exactly one token is given, in either place or both. */
export function oneToken(body: string | undefined, header: string | undefined): string {
  const [token, other] = new Set([body, header].filter((given) => given !== undefined));
  if (token !== undefined && other === undefined) return token;
  throw new SomaError(
    'VALIDATION_FAILED',
    'Give the token of the lease, as {"token": …} in the body or in the header X-Lock-Token.',
  );
}
