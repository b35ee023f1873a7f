import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { pause } from './pause.ts';

/** What one request came to: an answer, or the way in which none came. */
export interface Outcome {
  /** 0 when there was no answer. */
  readonly status: number;
  /** Why there was none, such as ECONNRESET; `timeout` when it was not waited for any longer. */
  readonly failure?: string;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
  readonly ms: number;
}

export interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Far beyond every promise, so that a broken one is measured and not cut short. */
const PATIENCE_MS = 20_000;
const SERVED_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 200;

/** Sends each request once, as it is, and says what came of it; never throws for the service. */
export class Sender {
  readonly #url: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  send(method: string, path: string, { body, headers }: Sending = {}): Promise<Outcome> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent: OutgoingHttpHeaders = { authorization: `Bearer ${this.#token}`, ...headers };
    if (text !== undefined) {
      sent['content-type'] = 'application/json';
      sent['content-length'] = Buffer.byteLength(text);
    }
    const began = performance.now();
    const since = (): number => performance.now() - began;
    return new Promise((resolve) => {
      const failed = (failure: string): void =>
        resolve({ status: 0, failure, body: undefined, headers: {}, ms: since() });
      const outgoing = request(
        this.#url + path,
        { method, headers: sent, agent: this.#agent },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? 'error'));
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              body: parsed(Buffer.concat(chunks).toString('utf8')),
              headers: incoming.headers,
              ms: since(),
            }),
          );
        },
      );
      outgoing.setTimeout(PATIENCE_MS, () => {
        failed('timeout');
        outgoing.destroy();
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? 'error'));
      outgoing.end(text);
    });
  }

  /** The body of an answer that must be 2xx, before long: a busy service refuses with 503. */
  async ask<Body>(method: string, path: string, sending: Sending = {}): Promise<Body> {
    const end = performance.now() + SERVED_WITHIN_MS;
    let outcome = await this.send(method, path, sending);
    while (outcome.status === 503 && performance.now() < end) {
      await pause(ASK_AGAIN_MS);
      outcome = await this.send(method, path, sending);
    }
    if (outcome.status < 200 || outcome.status > 299) {
      const why = outcome.failure ?? JSON.stringify(outcome.body);
      throw new Error(`${method} ${path} answered ${outcome.status}: ${why}`);
    }
    return outcome.body as Body;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
