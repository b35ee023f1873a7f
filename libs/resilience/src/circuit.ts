import type { CallOutcome } from '@soma/core';
import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
} from 'cockatiel';
import { SteadyPause } from './steady-pause.js';

export interface CircuitOptions {
  /** As a sentence begins with it: `The vector index`. */
  readonly dependency: string;
  /** Longest that one call is waited for, unless the call says otherwise. */
  readonly deadlineMs: number;
  /** Outages in a row that open the circuit. */
  readonly failures: number;
  /** How long an open circuit is left alone before one call tries. */
  readonly pauseMs: number;
  /** Whether a failure speaks for the whole dependency; what `outage` makes must. */
  readonly isOutage: (error: unknown) => boolean;
  /** The failure of a call without an answer; its cause is a BrokenCircuitError when none was asked. */
  readonly outage: (detail: string, cause?: unknown) => Error;
  /** Tries in the background, so that no caller waits for a sick dependency; else a caller does. */
  readonly probe?: () => Promise<void>;
  /** Longest that a try in the background is waited for; as a call unless set. */
  readonly probeDeadlineMs?: number;
  readonly onChange?: (isOpen: boolean) => void;
}

/** Gives each call a deadline, and none at all to a dependency that has not been answering. */
export class Circuit {
  private readonly breaker: CircuitBreakerPolicy;
  private probing: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: CircuitOptions) {
    const { failures, pauseMs, isOutage, onChange } = options;
    this.breaker = circuitBreaker(handleWhen(isOutage), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: new SteadyPause(pauseMs),
    });
    this.breaker.onBreak(() => {
      if (this.isClosed) return;
      onChange?.(true);
      this.probeLater();
    });
    this.breaker.onReset(() => onChange?.(false));
  }

  /** @throws what `outage` makes, at once while the circuit is open, else after the deadline. */
  async run<T>(
    operation: string,
    call: () => Promise<T>,
    deadlineMs = this.options.deadlineMs,
  ): Promise<T> {
    if (this.options.probe && this.breaker.state !== CircuitState.Closed) {
      throw this.paused(operation);
    }
    try {
      return await this.breaker.execute(() => this.inTime(operation, call, deadlineMs));
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.paused(operation) : error;
    }
  }

  /** Ends the tries in the background. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.probing);
  }

  private async inTime<T>(operation: string, call: () => Promise<T>, ms: number): Promise<T> {
    try {
      return await timeout(ms, TimeoutStrategy.Aggressive).execute(call);
    } catch (error) {
      if (!(error instanceof TaskCancelledError)) throw error;
      const { dependency, outage } = this.options;
      throw outage(`${dependency} did not ${operation} within ${ms} ms.`);
    }
  }

  private paused(operation: string): Error {
    const { dependency, outage } = this.options;
    return outage(
      `${dependency} has been failing and was not asked to ${operation}.`,
      new BrokenCircuitError(),
    );
  }

  private probeLater(): void {
    const { probe, pauseMs } = this.options;
    if (!probe || this.isClosed) return;
    clearTimeout(this.probing);
    this.probing = setTimeout(() => void this.tryAgain(probe), pauseMs).unref();
  }

  /** A failed try opens the circuit again, which asks for the next try. */
  private async tryAgain(probe: () => Promise<void>): Promise<void> {
    const { dependency, deadlineMs, probeDeadlineMs = deadlineMs, isOutage, outage } = this.options;
    try {
      await this.breaker.execute(() =>
        this.inTime('answer', probe, probeDeadlineMs).catch((error: unknown) => {
          throw isOutage(error) ? error : outage(`${dependency} did not pass a check.`, error);
        }),
      );
    } catch (error) {
      // The clock of the breaker and the timer's are not the same one.
      if (error instanceof BrokenCircuitError) this.probeLater();
    }
  }
}

/** What a circuit's failure says of the dependency. */
export const outcomeOf = (error: unknown): CallOutcome =>
  error instanceof Error && error.cause instanceof BrokenCircuitError ? 'not-asked' : 'failed';
