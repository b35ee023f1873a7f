import type { RedisConnection } from '@soma/resilience';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { OwnCounts, type RateCount } from './own-counts.js';

export const RATE_WINDOWS = { second: 1, day: 86_400 } as const;
export type RateWindow = keyof typeof RATE_WINDOWS;

/** Counts requests by key in windows that begin with the first of them. */
export abstract class RequestCounter {
  abstract count(window: RateWindow, key: string): Promise<RateCount>;
}

/** The limits differ by key: they are the caller's to compare with. */
const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

/**
 * Shared through Redis where there is one. While that is away each process goes on from what it heard
 * last: in no window does one grant more than the limit.
 */
export function openRequestCounter(redis: RedisConnection | undefined): RequestCounter {
  const windows = {
    second: openWindow('soma:rate', RATE_WINDOWS.second, redis),
    day: openWindow('soma:rate:day', RATE_WINDOWS.day, redis),
  };
  return { count: (window, key) => windows[window](key) };
}

function openWindow(
  keyPrefix: string,
  duration: number,
  redis: RedisConnection | undefined,
): (key: string) => Promise<RateCount> {
  const own = new OwnCounts(duration * 1_000);
  if (!redis) return (key) => Promise.resolve(own.count(key));
  const settings = { points: ANY_NUMBER, duration, keyPrefix };
  const shared = new RateLimiterRedis({ ...settings, storeClient: redis.client });
  return countThrough(own, async (key) => {
    const { consumedPoints, msBeforeNext } = await redis.run('count a request', () =>
      shared.consume(key),
    );
    return { consumed: consumedPoints, msBeforeNext };
  });
}

/** Counts by what is shared, and by this process's own while that fails. */
export function countThrough(
  own: OwnCounts,
  shared: (key: string) => Promise<RateCount>,
): (key: string) => Promise<RateCount> {
  return async (key) => {
    const count = await shared(key).catch(() => undefined);
    return count ? own.follow(key, count) : own.count(key);
  };
}
