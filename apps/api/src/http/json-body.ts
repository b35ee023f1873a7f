import { scanJson, SomaError } from '@soma/core';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { parse as parseSafely } from 'secure-json-parse';

export const MAX_BODY_BYTES = 1024 * 1024;

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Reads a JSON body of at most 1 MiB, also after decompression, and refuses what would be changed by parsing. */
export function jsonBody(): RequestHandler[] {
  const readBytes = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: true });
  return [assertJsonType, readBytes, parseBody];
}

function assertJsonType(request: Request, _response: Response, next: NextFunction): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined ||
    Number(request.headers['content-length'] ?? 0) > 0;
  const type = request.headers['content-type'] ?? '';
  const isJson = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);
  if (METHODS_WITH_BODY.has(request.method) && hasBody && !isJson) {
    next(
      new SomaError(
        'MEDIA_TYPE_UNSUPPORTED',
        `Send the body as application/json; this one is "${type.slice(0, 80)}".`,
      ),
    );
    return;
  }
  next();
}

function parseBody(request: Request, _response: Response, next: NextFunction): void {
  try {
    request.body = bodyOf(request.body);
    next();
  } catch (error) {
    next(error);
  }
}

function bodyOf(bytes: unknown): unknown {
  return Buffer.isBuffer(bytes) && bytes.length > 0 ? parseJson(bytes, 'body') : undefined;
}

/**
 * What bytes of JSON say, if nothing of it would be changed by parsing.
 * @throws SomaError JSON_INVALID, JSON_KEY_FORBIDDEN or what `scanJson` refuses.
 */
export function parseJson(bytes: Buffer, what: 'body' | 'line'): unknown {
  const text = decode(bytes, what);
  scanJson(text);
  try {
    return parseSafely(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    const forbidden = error instanceof SyntaxError && error.message.includes('forbidden');
    throw forbidden
      ? new SomaError('JSON_KEY_FORBIDDEN', `The ${what} has a key that would change a prototype.`)
      : new SomaError('JSON_INVALID', `The ${what} is not well-formed JSON.`, { cause: error });
  }
}

function decode(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SomaError('JSON_INVALID', `The ${what} is not UTF-8.`, { cause: error });
  }
}
