import type { EmbeddingConfig } from '@soma/config';
import type { HeapCaches } from '@soma/core';
import { type EmbeddingCache, InProcessEmbeddingCache, RedisEmbeddingCache } from '@soma/embedding';
import type { RedisConnection } from '@soma/resilience';

/** Hashing a text anew is faster than asking a server for its vector. */
export function openEmbeddingCache(
  config: EmbeddingConfig,
  redis: RedisConnection | undefined,
  caches: HeapCaches,
): EmbeddingCache {
  return redis && config.provider === 'openai'
    ? new RedisEmbeddingCache(redis)
    : caches.add(new InProcessEmbeddingCache());
}
