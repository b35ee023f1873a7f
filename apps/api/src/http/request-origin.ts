import type { NextFunction, Request, Response } from 'express';
import { withOrigin } from '@soma/core';
import { requestIdOf } from './request-id.js';

/** Says to what the request does who asked for it. After the body is read, which may lose track of it. */
export function requestOrigins(request: Request, _response: Response, next: NextFunction): void {
  const origin = {
    requestId: requestIdOf(request),
    source: request.ip ?? '',
    /** Known once the token was verified, which is later than now. */
    get actor(): string {
      const { user } = request as { user?: { tokenId?: string } };
      return user?.tokenId ?? 'nobody';
    },
  };
  withOrigin(origin, next);
}
