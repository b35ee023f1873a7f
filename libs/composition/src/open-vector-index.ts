import type { AppConfig } from '@soma/config';
import {
  type FlatIndexSource,
  FlatVectorIndex,
  MilvusVectorIndex,
  type VectorIndex,
} from '@soma/vector-index';

/** Milvus where there is one, else exact search in this process over what `source` holds. */
export function openVectorIndex({ milvus }: AppConfig, source: FlatIndexSource): VectorIndex {
  if (!milvus) return new FlatVectorIndex(source);
  return new MilvusVectorIndex({
    address: milvus.address,
    token: milvus.token,
    collectionPrefix: milvus.collectionPrefix,
    searchTimeoutMs: milvus.timeoutMs,
  });
}
