import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';
import { EXIT } from './exit-codes.js';
import { errorOfFetch, errorOfReply } from './reply-error.js';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** JSON text, sent as it is. */
  readonly body?: string;
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  /** A status that is an answer here, though it is not a 2xx. */
  readonly alsoAccept?: number;
}

export interface ApiReply<T> {
  readonly status: number;
  /** The body as the API wrote it; empty for 204. */
  readonly text: string;
  readonly body: T;
  readonly etag?: string;
}

/** Speaks HTTP to one service with one token. Every failure is a CliError that says what to do. */
export class ApiClient {
  constructor(
    private readonly connection: Connection,
    private readonly fetch: typeof globalThis.fetch,
    private readonly timeoutMs: number,
  ) {}

  async send<T>(request: ApiRequest): Promise<ApiReply<T>> {
    const url = this.urlOf(request);
    try {
      const response = await this.fetch(url, {
        method: request.method ?? 'GET',
        headers: this.headersOf(request),
        body: request.body,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      const text = await response.text();
      const isAnswer = response.ok || response.status === request.alsoAccept;
      if (!isAnswer) throw errorOfReply(response, text, this.connection);
      return {
        status: response.status,
        text,
        body: parseBody(text, url) as T,
        etag: response.headers.get('etag') ?? undefined,
      };
    } catch (error) {
      throw error instanceof CliError ? error : errorOfFetch(error, url, this.timeoutMs);
    }
  }

  private urlOf({ path, query = {} }: ApiRequest): URL {
    const { url: base } = this.connection;
    const url = new URL(base.pathname.replace(/\/+$/, '') + path, base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  private headersOf(request: ApiRequest): Record<string, string> {
    const { token } = this.connection;
    return {
      accept: 'application/json, application/problem+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...(request.idempotencyKey !== undefined && { 'idempotency-key': request.idempotencyKey }),
      ...(request.ifMatch !== undefined && { 'if-match': request.ifMatch }),
    };
  }
}

function parseBody(text: string, url: URL): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError({
      exitCode: EXIT.UNEXPECTED,
      code: 'NOT_THE_SERVICE',
      detail: `${url.origin} answered with something that is not JSON.`,
      hint: 'Is this the address of a SomaFractalMemory service? Check --url or SOMA_URL.',
    });
  }
}
