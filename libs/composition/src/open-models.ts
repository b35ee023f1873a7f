import type { EmbedderSource } from '@soma/embedding';
import { adoptModel, EmbeddingModels, type ModelStore, type ModelVectors } from '@soma/indexing';
import { type Database, PostgresConsistencyStore } from '@soma/persistence';
import type { VectorIndex } from '@soma/vector-index';
import { NOBODY } from './nobody.js';

interface OpenedForModels {
  readonly store: ModelStore;
  readonly index: VectorIndex;
  readonly vectors: ModelVectors;
}

/** The models that are in use, and those that come into use, as they change. */
export async function openModels(
  database: Database,
  source: EmbedderSource,
  { store, index, vectors }: OpenedForModels,
): Promise<EmbeddingModels> {
  await adoptModel(store, source, {
    tenants: new PostgresConsistencyStore(database),
    vectors,
  });
  const models = new EmbeddingModels(store, source, {
    // Nobody has entries of it: asking for them makes the index ready.
    onComing: (model) => void index.count(NOBODY, { model }).catch(() => {}),
  });
  await models.open();
  return models;
}
