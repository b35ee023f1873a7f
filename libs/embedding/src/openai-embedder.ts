import type { TenantScope } from '@soma/core';
import { Deadline, pause, untilAborted } from './deadline.js';
import { Embedder } from './embedder.js';
import { inParts } from './in-parts.js';
import { OpenAiEndpoint, type EndpointOptions } from './openai-endpoint.js';
import { ProviderFault } from './provider-fault.js';
import { ProviderGuard, type ProviderGuardOptions } from './provider-guard.js';

export interface OpenAiEmbedderOptions extends EndpointOptions, Partial<ProviderGuardOptions> {
  /** Texts in one request; 64 unless set. */
  readonly batchSize?: number;
  /** Longest one `embed` waits, queue and retries included; 10,000 unless set. */
  readonly timeoutMs?: number;
  /** Longest one request waits; half of `timeoutMs` unless set, and below it. */
  readonly attemptTimeoutMs?: number;
  /** Requests for one batch, the first included; 4 unless set. */
  readonly maxAttempts?: number;
  /** Mean wait before the second request, doubled for each later one; 200 unless set. */
  readonly backoffMs?: number;
}

const MAX_BACKOFF_MS = 4_000;

/**
 * Vectors from any OpenAI-compatible `/v1/embeddings`. Batches run side by side up to
 * `concurrency` (4). A 429, a 5xx and a network failure are tried again with exponential back-off
 * and jitter, after `Retry-After` where the provider sends one, unless that would pass the
 * deadline. After `breakerFailures` (8) outages in a row nothing is sent for `breakerOpenMs`
 * (10,000). Every failure is EMBEDDING_UNAVAILABLE with `retryAfterSeconds`.
 */
export class OpenAiEmbedder extends Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly isSemantic = true;
  private readonly endpoint: OpenAiEndpoint;
  private readonly guard: ProviderGuard;
  private readonly limits: {
    batchSize: number;
    timeoutMs: number;
    attemptTimeoutMs: number;
    maxAttempts: number;
    backoffMs: number;
  };

  constructor(options: OpenAiEmbedderOptions) {
    super();
    this.model = `openai:${options.model}:${options.dimension}`;
    this.dimension = options.dimension;
    this.endpoint = new OpenAiEndpoint(options);
    this.guard = new ProviderGuard({
      concurrency: options.concurrency ?? 4,
      breakerFailures: options.breakerFailures ?? 8,
      breakerOpenMs: options.breakerOpenMs ?? 10_000,
      onBreaker: options.onBreaker,
    });
    const timeoutMs = options.timeoutMs ?? 10_000;
    this.limits = {
      batchSize: options.batchSize ?? 64,
      timeoutMs,
      attemptTimeoutMs: Math.min(options.attemptTimeoutMs ?? timeoutMs / 2, timeoutMs),
      maxAttempts: options.maxAttempts ?? 4,
      backoffMs: options.backoffMs ?? 200,
    };
  }

  async embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    const deadline = new Deadline(this.limits.timeoutMs, timeoutFault(this.limits.timeoutMs));
    try {
      const batches = [...inParts(texts, this.limits.batchSize)];
      const vectors = await Promise.all(
        batches.map((batch) => this.embedBatch(scope, batch, deadline)),
      );
      return vectors.flat();
    } catch (error) {
      deadline.end(new ProviderFault('Another batch of the same texts has failed.'));
      throw error instanceof ProviderFault ? error.toSomaError() : error;
    } finally {
      deadline.close();
    }
  }

  private async embedBatch(
    scope: TenantScope,
    texts: readonly string[],
    deadline: Deadline,
  ): Promise<Float32Array[]> {
    const { signal } = deadline;
    for (let attempt = 1; ; attempt++) {
      try {
        return await untilAborted(
          this.guard.run(() => this.request(scope, texts, signal), signal),
          signal,
        );
      } catch (error) {
        const waitMs = this.waitBeforeNext(error, attempt);
        if (waitMs === undefined || waitMs >= deadline.remainingMs()) throw error;
        await pause(waitMs, signal);
      }
    }
  }

  private async request(
    scope: TenantScope,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const ms = this.limits.attemptTimeoutMs;
    const attempt = new Deadline(ms, timeoutFault(ms), signal);
    try {
      return await this.endpoint.embed(scope, texts, attempt.signal);
    } finally {
      attempt.close();
    }
  }

  private waitBeforeNext(error: unknown, attempt: number): number | undefined {
    if (!(error instanceof ProviderFault) || !error.retryable) return undefined;
    if (attempt >= this.limits.maxAttempts) return undefined;
    const mean = Math.min(this.limits.backoffMs * 2 ** (attempt - 1), MAX_BACKOFF_MS);
    return error.retryAfterMs ?? mean * (0.5 + Math.random());
  }
}

const timeoutFault = (ms: number): ProviderFault =>
  new ProviderFault(`The embedding provider did not answer within ${ms} ms.`, {
    retryable: true,
    outage: true,
  });
