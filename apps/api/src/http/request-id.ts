import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const REQUEST_ID = /^[\w.:-]{1,100}$/;

/** Gives each request an id, the caller's X-Request-ID if it is harmless, and sends it back. */
export function requestIds(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const given = request.headers['x-request-id'];
  request.id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  response.setHeader('X-Request-ID', requestIdOf(request));
  next();
}

export function requestIdOf(request: object): string {
  return 'id' in request ? String(request.id) : '';
}
