import type { TenantScope } from '@soma/core';
import {
  type EntryIdPage,
  FlatIndexSource,
  FlatVectorIndex,
  type IndexEntry,
  type IndexPartition,
} from '@soma/vector-index';
import { vectorIndexContract } from './vector-index.contract.js';

/** Stands for Postgres: keeps what a flat index is given, for the next one to load. */
class KeepingSource extends FlatIndexSource {
  private readonly kept = new Map<string, Map<string, IndexEntry>>();

  put(scope: TenantScope, entries: readonly IndexEntry[]): void {
    const own = this.of(scope);
    for (const entry of entries) own.set(entry.entryId, own.get(entry.entryId) ?? entry);
  }

  delete(scope: TenantScope, model: string, entryIds: readonly string[]): void {
    const own = this.of(scope);
    for (const entryId of entryIds) if (own.get(entryId)?.model === model) own.delete(entryId);
  }

  async *entries(
    scope: TenantScope,
    { namespace, model }: IndexPartition,
  ): AsyncGenerator<readonly IndexEntry[]> {
    const found = [...this.of(scope).values()].filter(
      (entry) => entry.namespace === namespace && entry.model === model,
    );
    for (let from = 0; from < found.length; from += 100) yield found.slice(from, from + 100);
  }

  async entryIds(
    scope: TenantScope,
    { model, after = '', limit }: EntryIdPage,
    without: readonly string[],
  ): Promise<string[]> {
    return [...this.of(scope).values()]
      .filter((entry) => entry.model === model && !without.includes(entry.namespace))
      .map(({ entryId }) => entryId)
      .filter((entryId) => entryId > after)
      .toSorted()
      .slice(0, limit);
  }

  private of(scope: TenantScope): Map<string, IndexEntry> {
    const own = this.kept.get(scope.tenantId) ?? new Map<string, IndexEntry>();
    this.kept.set(scope.tenantId, own);
    return own;
  }
}

/** Keeps whatever the index accepts, as the service keeps it in Postgres. */
class StoredFlatIndex extends FlatVectorIndex {
  constructor(private readonly kept: KeepingSource) {
    super(kept);
  }

  override async insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    await super.insert(scope, entries);
    this.kept.put(scope, entries);
  }

  override async remove(scope: TenantScope, model: string, ids: readonly string[]): Promise<void> {
    await super.remove(scope, model, ids);
    this.kept.delete(scope, model, ids);
  }
}

describe(`${FlatVectorIndex.name} over a source`, () => {
  const source = new KeepingSource();
  vectorIndexContract({
    open: async () => new StoredFlatIndex(source),
    filters: 'exact',
    hasSource: true,
    filterRuns: 300,
  });
});

describe(`${FlatVectorIndex.name} without a source`, () => {
  const index = new FlatVectorIndex();
  vectorIndexContract({ open: async () => index, filters: 'exact', filterRuns: 20 });
});
