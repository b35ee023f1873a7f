import type { AppConfig } from '@soma/config';
import type { Embedder } from '@soma/embedding';
import { type FlatIndexSource, FlatVectorIndex, type VectorIndex } from '@soma/vector-index';

export function openVectorIndex(
  config: AppConfig,
  _embedder: Embedder,
  source: FlatIndexSource,
): VectorIndex {
  if (!config.milvus) return new FlatVectorIndex(source);
  throw new Error('not yet');
}
