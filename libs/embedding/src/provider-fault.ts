import { SomaError } from '@soma/core';

interface FaultTraits {
  /** Another attempt may succeed. */
  readonly retryable?: boolean;
  /** Speaks for a provider that is down, and so counts towards opening the breaker. */
  readonly outage?: boolean;
  /** Earliest next attempt, as the provider or the breaker says. */
  readonly retryAfterMs?: number;
}

const DEFAULT_RETRY_AFTER_MS = 5_000;
const MAX_RETRY_AFTER_SECONDS = 3_600;

/**
 * Why one call to the provider failed. The message reaches clients and logs: it never quotes the
 * provider's answer, the request, an address or a key.
 */
export class ProviderFault extends Error {
  readonly retryable: boolean;
  readonly outage: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, traits: FaultTraits = {}) {
    super(message);
    this.name = 'ProviderFault';
    this.retryable = traits.retryable ?? false;
    this.outage = traits.outage ?? false;
    this.retryAfterMs = traits.retryAfterMs;
  }

  toSomaError(): SomaError {
    const seconds = Math.ceil((this.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) / 1_000);
    return new SomaError('EMBEDDING_UNAVAILABLE', this.message, {
      cause: this,
      retryAfterSeconds: Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS),
    });
  }
}
