import type { ModelsInUse } from '@soma/deletion';
import type { ModelStore } from '@soma/indexing';

/** Those being dropped are not: their index and their vectors go as a whole. */
export const modelsInUse =
  (store: ModelStore): ModelsInUse =>
  async () => {
    const models = await store.all();
    return models
      .filter(({ state }) => state !== 'dropping' && state !== 'dropped')
      .map(({ model }) => model);
  };
