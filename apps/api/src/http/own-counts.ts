import { LRUCache } from 'lru-cache';

/** Requests of a key since its window began, this one included, and when the window ends. */
export interface RateCount {
  readonly consumed: number;
  readonly msBeforeNext: number;
}

/** Keys are of tokens and tenants that were let in: more at a time than a process sees in a day. */
const MOST_KEYS = 100_000;
/** Clocks and answers of the shared counter are late by less. */
const LONGEST_SLACK_MS = 250;

/**
 * What one process has counted, or last heard of the shared counter. Each request raises the count
 * of its key, whoever counted it, so that this process never grants more than the limit in a window,
 * whenever the shared counter goes away, comes back or forgets.
 */
export class OwnCounts {
  private readonly counts: LRUCache<string, number>;
  private readonly slackMs: number;

  constructor(durationMs: number, mostKeys = MOST_KEYS) {
    this.counts = new LRUCache({ max: mostKeys, ttl: durationMs, noUpdateTTL: true });
    this.slackMs = Math.min(LONGEST_SLACK_MS, durationMs / 4);
  }

  /** Counts a request by itself. */
  count(key: string): RateCount {
    const consumed = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, consumed);
    return { consumed, msBeforeNext: this.counts.getRemainingTTL(key) };
  }

  /**
   * Takes over what the shared counter says of a request. It is behind when it was away or has
   * forgotten: then this process goes by its own count, unless its window is about to end anyway.
   */
  follow(key: string, shared: RateCount): RateCount {
    const known = this.counts.get(key) ?? 0;
    if (shared.consumed <= known && this.counts.getRemainingTTL(key) > this.slackMs) {
      return this.count(key);
    }
    this.counts.delete(key);
    this.counts.set(key, shared.consumed, { ttl: Math.max(1, shared.msBeforeNext) });
    return shared;
  }
}
