import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderFault } from './provider-fault.js';

/** A span of time that ends by itself, aborting `signal` with a fault; always `close()` it. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly endsAt: number;
  readonly signal: AbortSignal;

  /** Ends after `ms` with `fault`, or earlier with `parent` and its reason. */
  constructor(ms: number, fault: ProviderFault, parent?: AbortSignal) {
    this.endsAt = performance.now() + ms;
    this.timer = setTimeout(() => this.controller.abort(fault), ms);
    this.signal = parent
      ? AbortSignal.any([parent, this.controller.signal])
      : this.controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  end(fault: ProviderFault): void {
    this.controller.abort(fault);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}

/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it aborts: for work that
 * only looks at its signal now and then, such as waiting in a queue.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}
