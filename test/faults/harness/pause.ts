import { setTimeout as sleep } from 'node:timers/promises';

const interruption = new AbortController();

/** Of the whole run; every wait ends with it, so that what was started is ended too. */
export const interrupted = interruption.signal;

export function interrupt(signal: string): void {
  interruption.abort(new Error(`interrupted by ${signal}`));
}

/** @throws when the run is interrupted. */
export async function pause(ms: number): Promise<void> {
  interrupted.throwIfAborted();
  try {
    await sleep(ms, undefined, { signal: interrupted });
  } catch {
    interrupted.throwIfAborted();
  }
}
