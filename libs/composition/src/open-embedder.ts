import type { EmbeddingConfig } from '@soma/config';
import {
  CachedEmbedder,
  type Embedder,
  HashEmbedder,
  InProcessEmbeddingCache,
  OpenAiEmbedder,
  RedisEmbeddingCache,
} from '@soma/embedding';
import type { Metrics } from '@soma/observability';
import type { Redis } from 'ioredis';

export function openEmbedder(
  config: EmbeddingConfig,
  redis: Redis | undefined,
  metrics: Metrics,
): Embedder {
  // Hashing a text anew is faster than asking a server for its vector.
  const cache =
    redis && config.provider === 'openai'
      ? new RedisEmbeddingCache(redis)
      : new InProcessEmbeddingCache();
  return new CachedEmbedder(providerOf(config), cache, ({ hits, misses }) => {
    metrics.embeddingCache.inc({ result: 'hit' }, hits);
    metrics.embeddingCache.inc({ result: 'miss' }, misses);
  });
}

function providerOf(config: EmbeddingConfig): Embedder {
  return config.provider === 'hash'
    ? new HashEmbedder(config.dimension)
    : new OpenAiEmbedder(config);
}
