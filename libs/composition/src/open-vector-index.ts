import { Logger } from '@nestjs/common';
import type { AppConfig } from '@soma/config';
import type { Metrics } from '@soma/observability';
import {
  type FlatIndexSource,
  FlatVectorIndex,
  GuardedVectorIndex,
  MilvusVectorIndex,
  type VectorIndex,
} from '@soma/vector-index';

/** Milvus where there is one, else exact search in this process over what `source` holds. */
export function openVectorIndex(
  { milvus }: AppConfig,
  source: FlatIndexSource,
  metrics: Metrics,
): VectorIndex {
  if (!milvus) return new FlatVectorIndex(source);
  const server = new MilvusVectorIndex({
    address: milvus.address,
    token: milvus.token,
    collectionPrefix: milvus.collectionPrefix,
    searchTimeoutMs: milvus.timeoutMs,
  });
  const logger = new Logger('VectorIndex');
  return new GuardedVectorIndex(server, {
    readTimeoutMs: milvus.timeoutMs,
    onBreaker: (breaker, isOpen) => {
      metrics.breaker(breaker, isOpen);
      logger.warn({ breaker }, isOpen ? 'It does not answer: given a pause' : 'It answers again');
    },
  });
}
