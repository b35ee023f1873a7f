import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_TABLE, type ErrorCode } from '@soma/core';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON, or the text of anything else. */
  readonly body: Body;
}

export interface RequestOptions {
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** What a failed request is answered with. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly request_id: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

export async function sendRequest<Body>(
  url: string,
  method: string,
  path: string,
  { token, body, raw, headers }: RequestOptions = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...((body !== undefined || raw !== undefined) && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const isJson = type.includes('json') && !type.includes('ndjson');
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed as Body };
}

/**
 * The body of a request that succeeded.
 * @throws with the whole answer when the status is another.
 */
export async function ok<Body>(request: Promise<Answer<Body>>, status = 200): Promise<Body> {
  const answer = await request;
  if (answer.status === status) return answer.body;
  throw new Error(`Expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
}

const SERVED_WITHIN_MS = 60_000;
const ASK_AGAIN_MS = 100;

/**
 * As good clients do: where a busy machine refuses with 503, it is asked again.
 * @returns the first answer that is another, or the refusal after a minute of them.
 */
export async function untilServed<Body>(ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  for (const until = performance.now() + SERVED_WITHIN_MS; ; await sleep(ASK_AGAIN_MS)) {
    const answer = await ask();
    const { code } = (answer.body ?? {}) as Partial<Problem>;
    if (code !== 'DEPENDENCY_UNAVAILABLE' || performance.now() > until) return answer;
  }
}

/** What an answer with this error matches, by `toMatchObject`. */
export function problem(code: ErrorCode): object {
  const { status, title } = ERROR_TABLE[code];
  return { status, body: { type: `urn:soma:error:${code}`, title, status, code } };
}
