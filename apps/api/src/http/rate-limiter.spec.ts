import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { OwnCounts, type RateCount } from './own-counts.js';
import { countThrough, openRequestCounter } from './rate-limiter.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const LIMIT = 10;
const WINDOW_MS = 60_000;

/** A counter that several processes share, and that may be away or lose what it knew. */
class SharedCounter {
  isAway = false;
  private readonly counts = new Map<string, number>();
  constructor(private readonly windowMs = WINDOW_MS) {}

  readonly count = (key: string): Promise<RateCount> => {
    if (this.isAway) return Promise.reject(new Error('away'));
    const consumed = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, consumed);
    return Promise.resolve({ consumed, msBeforeNext: this.windowMs });
  };
  forget(): void {
    this.counts.clear();
  }
}

describe(countThrough, () => {
  const replicasOf = (shared: SharedCounter, count: number, windowMs = WINDOW_MS) =>
    Array.from({ length: count }, () => countThrough(new OwnCounts(windowMs, 10), shared.count));
  const granted = async (counting: readonly Promise<RateCount>[]): Promise<number> =>
    (await Promise.all(counting)).filter(({ consumed }) => consumed <= LIMIT).length;

  it('grants the limit exactly while the counter is there', async () => {
    const replicas = replicasOf(new SharedCounter(), 2);
    const asked = Array.from({ length: 50 }, (_, n) => replicas[n % 2]!('k'));
    expect(await granted(asked)).toBe(LIMIT);
  });

  it('goes on from what it heard last when the counter goes away', async () => {
    const shared = new SharedCounter();
    const [one, two] = replicasOf(shared, 2);
    for (let asked = 0; asked < 3; asked++) await one!('k');
    await two!('k');
    shared.isAway = true;
    expect((await one!('k')).consumed).toBe(4);
    expect((await two!('k')).consumed).toBe(5);
    expect((await two!('other')).consumed).toBe(1);
  });

  it('never grants more than the limit times the replicas, whatever happens to the counter', async () => {
    const event = fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(0, 1, 2) },
      { weight: 1, arbitrary: fc.constantFrom('goes', 'comes', 'forgets') },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 100, maxLength: 200 }), async (events) => {
        const shared = new SharedCounter();
        const replicas = replicasOf(shared, 3);
        const asked: Promise<RateCount>[] = [];
        for (const happens of events) {
          if (typeof happens === 'number') asked.push(replicas[happens]!('k'));
          else if (happens === 'forgets') shared.forget();
          else shared.isAway = happens === 'goes';
          if (asked.length % 5 === 0) await Promise.allSettled(asked);
        }
        expect(await granted(asked)).toBeLessThanOrEqual(LIMIT * replicas.length);
      }),
    );
  });

  it('begins anew with the window of the counter', async () => {
    const shared = new SharedCounter(100);
    const [one] = replicasOf(shared, 1, 100);
    for (let asked = 0; asked < 5; asked++) await one!('k');
    await sleep(110);
    shared.forget();
    expect((await one!('k')).consumed).toBe(1);
  });
});

describe(openRequestCounter, () => {
  it('counts each key and each window by itself, without Redis', async () => {
    const counter = openRequestCounter(undefined);
    await counter.count('second', 'a');
    expect(await counter.count('second', 'a')).toMatchObject({ consumed: 2 });
    expect(await counter.count('second', 'b')).toMatchObject({ consumed: 1 });
    const { consumed, msBeforeNext } = await counter.count('day', 'a');
    expect(consumed).toBe(1);
    expect(msBeforeNext).toBeGreaterThan(86_000_000);
    await sleep(1_050);
    expect(await counter.count('second', 'a')).toMatchObject({ consumed: 1 });
  });
});
