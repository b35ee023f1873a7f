import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';
import { EXIT } from './exit-codes.js';
import { Patience } from './patience.js';
import { errorOfFetch, errorOfReply } from './reply-error.js';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** JSON text, sent as it is. */
  readonly body?: string;
  /** Of the body, if that is not one document of JSON. */
  readonly contentType?: string;
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

  /**
   * Lets `use` read a body that is not JSON and may be long: the timeout is for its beginning, and for each
   * pause in it.
   */
  async download<Result>(
    request: ApiRequest,
    use: (chunks: AsyncIterable<Uint8Array>, origin: string) => Promise<Result>,
  ): Promise<Result> {
    const url = this.urlOf(request);
    const patience = new Patience(this.timeoutMs);
    const translated = (error: unknown): unknown =>
      error instanceof CliError ? error : errorOfFetch(error, url, this.timeoutMs);
    try {
      const options = {
        headers: this.headersOf(request),
        redirect: 'manual',
        signal: patience.signal,
      } as const;
      const response = await this.fetch(url, options).catch((error: unknown) => {
        throw translated(error);
      });
      if (!response.ok) throw errorOfReply(response, await response.text(), this.connection);
      return await use(patience.over(response.body ?? [], translated), url.origin);
    } finally {
      patience.end();
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
      ...(request.body !== undefined && {
        'content-type': request.contentType ?? 'application/json',
      }),
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
