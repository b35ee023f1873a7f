import { isStorableText, SomaError } from '@soma/core';
import type { NextFunction, Request, Response } from 'express';

/**
 * Refuses a path or query that would not be decoded to the text that was meant: percent codes that
 * are not UTF-8, what no store of ours can hold, and the one parameter that schemas cannot see.
 */
export function assertUrlText(request: Request, _response: Response, next: NextFunction): void {
  next(faultOf(request.originalUrl));
}

function faultOf(url: string): SomaError | undefined {
  const decoded = decode(url);
  if (decoded === undefined || !isStorableText(decoded)) {
    return new SomaError(
      'TEXT_INVALID',
      'The path and query of a URL are percent-encoded UTF-8 without NUL; this one is not.',
    );
  }
  const query = new URLSearchParams(url.split('?', 2)[1]);
  if (!query.has('__proto__')) return undefined;
  return new SomaError('VALIDATION_FAILED', 'There is no parameter "__proto__".');
}

function decode(url: string): string | undefined {
  try {
    return decodeURIComponent(url);
  } catch {
    return undefined;
  }
}
