import {
  BrokenCircuitError,
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  type BulkheadPolicy,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { SteadyPause } from '@soma/resilience';
import { ProviderFault } from './provider-fault.js';

export interface ProviderGuardOptions {
  /** Calls under way at once; more of them wait. */
  readonly concurrency: number;
  /** Outages in a row that open the breaker. */
  readonly breakerFailures: number;
  /** How long an open breaker refuses before it lets one call try. */
  readonly breakerOpenMs: number;
  /** Told when the breaker opens and when it closes. */
  readonly onBreaker?: (isOpen: boolean) => void;
}

/** Keeps calls from overrunning a provider, and from waiting for one that is down. */
export class ProviderGuard {
  private readonly slots: BulkheadPolicy;
  private readonly breaker: CircuitBreakerPolicy;
  private triesAgainAt = 0;

  constructor({ concurrency, breakerFailures, breakerOpenMs, onBreaker }: ProviderGuardOptions) {
    this.slots = bulkhead(concurrency, Number.POSITIVE_INFINITY);
    this.breaker = circuitBreaker(
      handleWhen((error) => error instanceof ProviderFault && error.outage),
      {
        breaker: new ConsecutiveBreaker(breakerFailures),
        halfOpenAfter: new SteadyPause(breakerOpenMs),
      },
    );
    this.breaker.onBreak(() => {
      this.triesAgainAt = performance.now() + breakerOpenMs;
      onBreaker?.(true);
    });
    this.breaker.onReset(() => onBreaker?.(false));
  }

  /** @throws ProviderFault at once, without calling, while the breaker is open. */
  async run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.slots.execute(() => this.breaker.execute(call, signal), signal);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new ProviderFault('The embedding provider has been failing and is given a pause.', {
        outage: true,
        retryAfterMs: Math.max(0, this.triesAgainAt - performance.now()),
      });
    }
  }
}
