import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
} from 'rate-limiter-flexible';

/** A limiter shared through Redis where there is one, which falls back to this process's own. */
export function openRateLimiter(
  perSecond: number,
  redis: Redis | undefined,
): RateLimiterAbstract | null {
  if (perSecond === 0) return null;
  const limits = { points: perSecond, duration: 1, keyPrefix: 'soma:rate' };
  const own = new RateLimiterMemory(limits);
  if (!redis) return own;
  return new RateLimiterRedis({ ...limits, storeClient: redis, insuranceLimiter: own });
}
