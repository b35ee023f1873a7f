import type { TenantScope } from '@soma/core';
import type { VectorIndex } from '@soma/vector-index';
import {
  type DeletedMemory,
  DerivedStore,
  type Leftovers,
  type ModelsInUse,
} from './derived-store.js';

/** Nearest neighbours asked for: the deleted memory itself would be the first. */
const NEIGHBOURS = 10;

/** Entries of the vector index: none by id or memory, and no search with a deleted vector finds it. */
export class IndexEntriesStore extends DerivedStore {
  readonly name = 'index';

  constructor(
    private readonly index: VectorIndex,
    private readonly modelsInUse: ModelsInUse,
  ) {
    super();
  }

  async clear(scope: TenantScope, deleted: readonly DeletedMemory[]): Promise<Leftovers> {
    const memoryIds = deleted.map(({ memoryId }) => memoryId);
    const entries = deleted.flatMap(({ entry }) => entry ?? []);
    const models = new Set([...(await this.modelsInUse()), ...entries.map(({ model }) => model)]);
    let left = 0;
    for (const model of models) {
      const entryIds = entries.filter((entry) => entry.model === model).map(({ id }) => id);
      const sought = { model, entryIds, memoryIds };
      const held = await this.index.held(scope, sought);
      if (held.length === 0) continue;
      await this.index.remove(scope, model, held);
      left += (await this.index.held(scope, sought)).length;
    }
    return { index_entries: left, index_neighbours: await this.neighbours(scope, deleted) };
  }

  async clearTenant(scope: TenantScope): Promise<Leftovers> {
    await this.index.clear(scope);
    return { index_entries: await this.index.clear(scope) };
  }

  private async neighbours(scope: TenantScope, deleted: readonly DeletedMemory[]): Promise<number> {
    const gone = new Set<string>(deleted.map(({ memoryId }) => memoryId));
    let returned = 0;
    for (const { entry, vector } of deleted) {
      if (!entry || !vector) continue;
      const { namespace, model } = entry;
      const query = { namespace, model, vector, topK: NEIGHBOURS };
      const hits = await this.index.search(scope, query);
      if (hits.some(({ memoryId }) => gone.has(memoryId))) returned += 1;
    }
    return returned;
  }
}
