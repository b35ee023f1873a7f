import type { IBackoff, IBackoffFactory } from 'cockatiel';

/**
 * How long a breaker stays open, for `halfOpenAfter` of cockatiel. Cockatiel compares times of day:
 * set back by an hour, the machine's clock would keep a breaker open for that hour. This one counts
 * by a clock that nobody sets, and says "forever" until the pause is over and "no time" from then on.
 */
export class SteadyPause implements IBackoffFactory<unknown> {
  constructor(private readonly pauseMs: number) {}

  next(): IBackoff<unknown> {
    const endsAt = performance.now() + this.pauseMs;
    return {
      get duration() {
        return performance.now() < endsAt ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      },
      next: () => this.next(),
    };
  }
}
