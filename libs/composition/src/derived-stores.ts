import type { Provider } from '@nestjs/common';
import {
  CachedEmbeddingsStore,
  DerivedStore,
  DerivedStores,
  IndexEntriesStore,
  type ModelsInUse,
} from '@soma/deletion';
import type { EmbeddingCache } from '@soma/embedding';
import type { VectorIndex } from '@soma/vector-index';

interface Opened {
  readonly index: VectorIndex;
  readonly embeddings: EmbeddingCache;
  readonly modelsInUse: ModelsInUse;
}

/** All that is derived from memories and kept outside of their rows: what comes anew joins here. */
export function derivedStores({ index, embeddings, modelsInUse }: Opened): Provider {
  const all: readonly DerivedStore[] = [
    new IndexEntriesStore(index, modelsInUse),
    new CachedEmbeddingsStore(embeddings, modelsInUse),
  ];
  return { provide: DerivedStores, useValue: { all } satisfies DerivedStores };
}
