import { Logger } from '@nestjs/common';
import type { AppConfig, MilvusConfig } from '@soma/config';
import type { Metrics } from '@soma/observability';
import type { Tracing } from '@soma/tracing';
import {
  type FlatIndexSource,
  FlatVectorIndex,
  GuardedVectorIndex,
  MilvusVectorIndex,
  TracedVectorIndex,
  type VectorIndex,
} from '@soma/vector-index';

/** Milvus where there is one, else exact search in this process over what `source` holds. */
export function openVectorIndex(
  { milvus }: AppConfig,
  source: FlatIndexSource,
  metrics: Metrics,
  tracing: Tracing,
): VectorIndex {
  const index = milvus ? openMilvus(milvus, metrics) : new FlatVectorIndex(source);
  return new TracedVectorIndex(index, milvus ? 'milvus' : 'flat', tracing);
}

function openMilvus(milvus: MilvusConfig, metrics: Metrics): VectorIndex {
  const server = new MilvusVectorIndex({
    address: milvus.address,
    token: milvus.token,
    collectionPrefix: milvus.collectionPrefix,
    searchTimeoutMs: milvus.timeoutMs,
  });
  metrics.watchBreaker('index-reads');
  metrics.watchBreaker('index-writes');
  const logger = new Logger('VectorIndex');
  return new GuardedVectorIndex(server, {
    readTimeoutMs: milvus.timeoutMs,
    onBreaker: (breaker, isOpen) => {
      metrics.breaker(breaker, isOpen);
      logger.warn({ breaker }, isOpen ? 'It does not answer: given a pause' : 'It answers again');
    },
  });
}
