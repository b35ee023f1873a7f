import type { TenantScope } from '@soma/core';
import type { EntryIdPage, IndexEntry, IndexPartition } from './vector-index.js';

/** Where the flat index fills a partition from on first use: the vectors kept in Postgres. */
export abstract class FlatIndexSource {
  /** Every current entry of the partition, in batches. */
  abstract entries(
    scope: TenantScope,
    partition: IndexPartition,
  ): AsyncIterable<readonly IndexEntry[]>;
  /** Ids of current entries in ascending order, of all namespaces but `without`. */
  abstract entryIds(
    scope: TenantScope,
    page: EntryIdPage,
    without: readonly string[],
  ): Promise<string[]>;
}
