import { Agent, request } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS_WHEN_LIMITED = 20;

/** An answer that is not 2xx: the status, and the problem document's code and detail. */
export class RequestFailed extends Error {
  readonly status: number;
  readonly code: string;

  constructor(method: string, path: string, status: number, body: string) {
    const { code = 'UNKNOWN', detail = body.slice(0, 300) } = problemOf(body);
    super(`${method} ${path} answered ${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
  }
}

interface Answer {
  status: number;
  body: string;
  /** Seconds. */
  retryAfter: number;
}

/**
 * JSON over kept-alive connections, one per client that asks at once. Anything but 2xx rejects with
 * RequestFailed, except 429, which is asked again after the `Retry-After` the service names.
 */
export class SomaClient {
  readonly url: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(url: string, token: string, connections = 16) {
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get<T>(path: string): Promise<T> {
    return this.#ask<T>('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>('POST', path, JSON.stringify(body));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask<T>(method: string, path: string, body?: string): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(method, path, body);
      if (answer.status === 429 && attempt < ATTEMPTS_WHEN_LIMITED) {
        await sleep(1000 * Math.max(answer.retryAfter, 0.1));
        continue;
      }
      if (answer.status < 200 || answer.status > 299) {
        throw new RequestFailed(method, path, answer.status, answer.body);
      }
      return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
    }
  }

  #send(method: string, path: string, body?: string): Promise<Answer> {
    const headers: OutgoingHttpHeaders = { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.url + path,
        { method, headers, agent: this.#agent },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              retryAfter: Number(incoming.headers['retry-after'] ?? 1) || 1,
            }),
          );
        },
      );
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The service closed an idle connection just as it was taken up again.
        const closedIdle = outgoing.reusedSocket && error.code === 'ECONNRESET';
        if (closedIdle) resolve(this.#send(method, path, body));
        else reject(error);
      });
      outgoing.end(body);
    });
  }
}

function problemOf(body: string): { code?: string; detail?: string } {
  try {
    return JSON.parse(body) as { code?: string; detail?: string };
  } catch {
    return {};
  }
}
