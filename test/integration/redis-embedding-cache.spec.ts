import { randomUUID } from 'node:crypto';
import { TenantScope, tenantId } from '@soma/core';
import { embeddingKey, RedisEmbeddingCache } from '@soma/embedding';
import { RedisConnection } from '@soma/resilience';
import { Redis } from 'ioredis';
import { embeddingCacheContract } from '../contract/embedding-cache.contract.js';

const url = process.env['SOMA_REDIS_URL'];
if (!url) throw new Error('Set SOMA_REDIS_URL to the Redis to test with.');

const redis = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 5_000 });
const failures: unknown[] = [];
const cacheOf = (): RedisEmbeddingCache =>
  new RedisEmbeddingCache(new RedisConnection(redis, { deadlineMs: 5_000 }), {
    ttlSeconds: 60,
    onError: (error) => failures.push(error),
  });

afterEach(() => expect(failures).toEqual([]));
afterAll(() => redis.quit());

embeddingCacheContract(RedisEmbeddingCache.name, cacheOf);

describe(RedisEmbeddingCache, () => {
  it('stores float32 bytes under the prefix of the tenant, for a time', async () => {
    const tenant = randomUUID();
    const key = embeddingKey('model', 'a');
    await cacheOf().setMany(
      TenantScope.of(tenantId(tenant)),
      new Map([[key, Float32Array.of(1, -2)]]),
    );

    const name = `soma:emb:${tenant}:${key}`;
    expect(await redis.keys(`soma:emb:${tenant}:*`)).toEqual([name]);
    expect((await redis.getBuffer(name))?.toString('hex')).toBe('0000803f000000c0');
    expect(await redis.ttl(name)).toBeGreaterThan(50);
  });
});
