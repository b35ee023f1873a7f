import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './lease.js';

export interface LeaseToKeep {
  /** Asks the API once. */
  readonly renew: () => Promise<unknown>;
  readonly ttlMs: number;
  /** By `performance.now()`, at the latest the moment in which the lease was asked for. */
  readonly askedAt: number;
}

/** A service that is away for a moment is asked often enough to come back before the end. */
const TRIES_IN_A_LEASE = 10;

/**
 * Renews at a third of the lease until `stop`. A failure is no loss while the lease still runs, by a
 * clock of this process that cannot jump.
 * @returns true once the lease cannot be counted on any more, false when stopped before.
 */
export async function keepLease(
  { renew, ttlMs, askedAt }: LeaseToKeep,
  stop: AbortSignal,
): Promise<boolean> {
  let end = askedAt + ttlMs;
  let next = askedAt + ttlMs / 3;
  for (;;) {
    await until(next, stop);
    if (stop.aborted) return false;
    const asked = performance.now();
    const outcome = await Promise.race([outcomeOf(renew), until(end, stop)]);
    if (stop.aborted) return false;
    if (outcome === 'lost') return true;
    if (outcome === 'kept') {
      end = asked + ttlMs;
      next = asked + ttlMs / 3;
    } else {
      if (performance.now() >= end) return true;
      next = performance.now() + ttlMs / TRIES_IN_A_LEASE;
    }
  }
}

async function outcomeOf(renew: () => Promise<unknown>): Promise<'kept' | 'lost' | 'failed'> {
  try {
    await renew();
    return 'kept';
  } catch (error) {
    return hasCode(error, 'LOCK_NOT_HELD') ? 'lost' : 'failed';
  }
}

async function until(moment: number, stop: AbortSignal): Promise<void> {
  const milliseconds = Math.max(0, moment - performance.now());
  await sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined);
}
