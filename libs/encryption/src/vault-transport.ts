import { type CallOutcome, SomaError, timedCall } from '@soma/core';
import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';
import { z } from 'zod';

export interface VaultOptions {
  /** Of the server, without `/v1`. */
  readonly url: string;
  readonly token: string;
  /** Where the transit engine is mounted, and the key of it that is used. */
  readonly mount: string;
  readonly key: string;
  readonly timeoutMs: number;
}

const FAILURES_TO_PAUSE = 3;
const PAUSE_MS = 2_000;
const RETRY_AFTER_SECONDS = 5;

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).optional(),
  errors: z.array(z.string()).optional(),
});

export type VaultOperation = 'encrypt' | 'decrypt' | 'rewrap';

/**
 * Calls of Vault's (and OpenBao's) transit engine, each with a deadline; after three that failed in
 * a row Vault is left alone for two seconds, so that no caller waits for it.
 */
export class VaultTransport {
  private readonly breaker: CircuitBreakerPolicy = circuitBreaker(handleWhen(isAway), {
    breaker: new ConsecutiveBreaker(FAILURES_TO_PAUSE),
    halfOpenAfter: PAUSE_MS,
  });

  constructor(private readonly options: VaultOptions) {}

  /** @throws SomaError ENCRYPTION_KEY_UNAVAILABLE, or DECRYPTION_FAILED for what it refuses to read. */
  post(operation: VaultOperation, body: Record<string, string>): Promise<Record<string, unknown>> {
    return this.call(operation, JSON.stringify(body));
  }

  /** @throws SomaError ENCRYPTION_KEY_UNAVAILABLE */
  readKey(): Promise<Record<string, unknown>> {
    return this.call('keys', undefined);
  }

  private async call(
    operation: VaultOperation | 'keys',
    body: string | undefined,
  ): Promise<Record<string, unknown>> {
    const path = `${operation}/${this.options.key}`;
    const send = () => this.breaker.execute(() => this.send(path, body));
    try {
      return await timedCall({ dependency: 'vault', operation }, send, outcomeOf);
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw away('it has not been answering');
      throw error;
    }
  }

  private async send(path: string, body: string | undefined): Promise<Record<string, unknown>> {
    const { url, mount, token, timeoutMs } = this.options;
    const request: RequestInit = {
      headers: { 'x-vault-token': token, 'x-vault-request': 'true' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    };
    if (body !== undefined) Object.assign(request, { method: 'POST', body });
    const { status, text } = await fetch(`${url.replace(/\/$/, '')}/v1/${mount}/${path}`, request)
      .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
      .catch((error: unknown) => {
        throw away('it does not answer', error);
      });
    const { data, errors } = parsed(text);
    if (status === 400 && body !== undefined) throw refused(errors?.join('; ') ?? '');
    if (status !== 200 || !data) throw away(`it answered ${status}`);
    return data;
  }
}

function parsed(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function isAway(error: unknown): boolean {
  return error instanceof SomaError && error.code === 'ENCRYPTION_KEY_UNAVAILABLE';
}

function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof BrokenCircuitError) return 'not-asked';
  return isAway(error) ? 'failed' : 'ok';
}

function away(reason: string, cause?: unknown): SomaError {
  return new SomaError(
    'ENCRYPTION_KEY_UNAVAILABLE',
    `The key-encryption key in Vault cannot be used: ${reason}. Try again later.`,
    { cause, retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

function refused(reason: string): SomaError {
  return new SomaError('DECRYPTION_FAILED', `Vault refused a wrapped data key: ${reason}.`);
}
