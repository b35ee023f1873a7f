import { isStorableText, SomaError } from '@soma/core';
import type { NextFunction, Request, Response } from 'express';

const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;

/**
 * Refuses a path or query that would not be decoded to the text that was meant: bytes that are not
 * percent-encoded, percent codes that are not UTF-8, and what no store of ours can hold.
 */
export function assertUrlText(request: Request, _response: Response, next: NextFunction): void {
  const decoded = decode(request.originalUrl);
  next(
    decoded !== undefined && isStorableText(decoded)
      ? undefined
      : new SomaError(
          'TEXT_INVALID',
          'The path and query of a URL are percent-encoded UTF-8 without NUL; this one is not.',
        ),
  );
}

function decode(url: string): string | undefined {
  if (!PRINTABLE_ASCII.test(url)) return undefined;
  try {
    return decodeURIComponent(url);
  } catch {
    return undefined;
  }
}
