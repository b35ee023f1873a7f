import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SomaError } from '@soma/core';
import { PROBLEM_TYPE, problemText } from './problem.js';

/** How long a caller may go on sending what is thrown away, before its connection is cut. */
const LINGER_MS = 1_000;

const answered = new WeakSet<Duplex>();

/**
 * Answers what Node could not read as a request, and ends the connection. What is still on its way
 * is taken in and dropped: a connection that is closed over unread bytes is reset, and the caller
 * would lose the answer.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (answered.has(socket)) return;
  answered.add(socket);
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cut));
  socket.resume();
  socket.end(responseTo(error.code));
}

function responseTo(code: string | undefined): string {
  const fault = faultOf(code);
  const requestId = randomUUID();
  const body = problemText(fault, requestId);
  return [
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-ID: ${requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function faultOf(code: string | undefined): SomaError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new SomaError('HEADERS_TOO_LARGE', 'The URL and the headers have 64 kB at most.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new SomaError(
      'REQUEST_TIMEOUT',
      'The request did not arrive whole in time; send it again.',
    );
  }
  return new SomaError('HTTP_MALFORMED', 'What was sent is not an HTTP/1.1 request.');
}
