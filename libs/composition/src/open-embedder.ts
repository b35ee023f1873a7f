import type { EmbeddingConfig } from '@soma/config';
import {
  CachedEmbedder,
  type Embedder,
  HASH_DIMENSION,
  HashEmbedder,
  InProcessEmbeddingCache,
  JoinedEmbedder,
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

/** A hash of fewer dimensions is more noise than help. */
const LEAST_HASH_DIMENSION = 128;

function providerOf(config: EmbeddingConfig): Embedder {
  if (config.provider === 'hash') return new HashEmbedder(config.dimension);
  const model = new OpenAiEmbedder(config);
  const rest = HASH_DIMENSION - config.dimension;
  return config.joinHash && rest >= LEAST_HASH_DIMENSION
    ? new JoinedEmbedder(model, new HashEmbedder(rest))
    : model;
}
