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
  type TimeoutPolicy,
} from 'cockatiel';
import { isIndexOutage, outage } from './index-outage.js';

export interface CircuitOptions {
  /** Longest that one call is waited for. */
  readonly deadlineMs: number;
  /** Outages in a row that open the circuit. */
  readonly failures: number;
  /** How long an open circuit is left alone before one call tries. */
  readonly pauseMs: number;
  /** Tries in the background, so that no caller waits for a sick index; else a caller does. */
  readonly probe?: () => Promise<void>;
  readonly onChange?: (isOpen: boolean) => void;
}

/** Gives each call a deadline, and none at all to an index that has not been answering. */
export class IndexCircuit {
  private readonly breaker: CircuitBreakerPolicy;
  private readonly deadline: TimeoutPolicy;
  private probing: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: CircuitOptions) {
    const { deadlineMs, failures, pauseMs, onChange } = options;
    this.deadline = timeout(deadlineMs, TimeoutStrategy.Aggressive);
    this.breaker = circuitBreaker(handleWhen(isIndexOutage), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: pauseMs,
    });
    this.breaker.onBreak(() => {
      if (this.isClosed) return;
      onChange?.(true);
      this.probeLater();
    });
    this.breaker.onReset(() => onChange?.(false));
  }

  /** @throws SomaError DEPENDENCY_UNAVAILABLE at once while the circuit is open. */
  async run<T>(operation: string, call: () => Promise<T>): Promise<T> {
    if (this.options.probe && this.breaker.state !== CircuitState.Closed) throw paused(operation);
    try {
      return await this.breaker.execute(() => this.inTime(operation, call));
    } catch (error) {
      throw error instanceof BrokenCircuitError ? paused(operation) : error;
    }
  }

  /** Ends the tries in the background. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.probing);
  }

  private async inTime<T>(operation: string, call: () => Promise<T>): Promise<T> {
    try {
      return await this.deadline.execute(call);
    } catch (error) {
      if (!(error instanceof TaskCancelledError)) throw error;
      const { deadlineMs } = this.options;
      throw outage(`The vector index did not ${operation} within ${deadlineMs} ms.`);
    }
  }

  private probeLater(): void {
    const { probe, pauseMs } = this.options;
    if (!probe || this.isClosed) return;
    clearTimeout(this.probing);
    this.probing = setTimeout(() => void this.tryAgain(probe), pauseMs).unref();
  }

  /** A failed try opens the circuit again, which asks for the next try. */
  private async tryAgain(probe: () => Promise<void>): Promise<void> {
    try {
      await this.breaker.execute(() => this.inTime('answer', probe));
    } catch (error) {
      // The clock of the breaker and the timer's are not the same one.
      if (error instanceof BrokenCircuitError) this.probeLater();
    }
  }
}

const paused = (operation: string): Error =>
  outage(
    `The vector index has been failing and was not asked to ${operation}.`,
    new BrokenCircuitError(),
  );
