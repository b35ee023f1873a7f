import type { TenantScope } from '@soma/core';
import { assertVector } from '../assert-vector.js';
import type { FlatIndexSource } from '../flat-source.js';
import {
  VectorIndex,
  type CountedEntries,
  type EntryIdPage,
  type IndexEntry,
  type IndexHit,
  type IndexPartition,
  type IndexQuery,
  type SoughtEntries,
} from '../vector-index.js';
import { FlatPartition } from './flat-partition.js';
import { PartitionSlot } from './partition-slot.js';
import { usearchScan, type ScanEngine } from './scan-engine.js';

export interface FlatVectorIndexOptions {
  /**
   * Memory that partitions may hold together, 1 GiB by default. Beyond it the least recently used
   * are dropped, but never the one in use. Without a source nothing is ever dropped.
   */
  readonly budgetBytes?: number;
  /** null scans in plain JavaScript; by default usearch where its addon runs. */
  readonly engine?: ScanEngine | null;
}

interface Slot {
  readonly tenantId: string;
  readonly namespace: string;
  readonly model: string;
  readonly partition: PartitionSlot;
}

const DEFAULT_BUDGET_BYTES = 2 ** 30;
const COUNT_PAGE = 10_000;

/**
 * Exact search in process. Each partition is filled from the source on first use and then kept up
 * by `insert` and `remove`; a partition not in memory ignores them, for the source has them.
 */
export class FlatVectorIndex extends VectorIndex {
  readonly visibilityLagMs = 0;
  /** In order of use, the longest unused first. */
  private readonly slots = new Map<string, Slot>();
  private readonly budgetBytes: number;
  private readonly engine: ScanEngine | null;

  constructor(
    private readonly source?: FlatIndexSource,
    options: FlatVectorIndexOptions = {},
  ) {
    super();
    this.budgetBytes = options.budgetBytes ?? DEFAULT_BUDGET_BYTES;
    this.engine = options.engine === undefined ? usearchScan : options.engine;
  }

  async insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    for (const { vector } of entries) assertVector(vector);
    for (const entry of entries) {
      const slot = this.source ? this.slots.get(slotKey(scope, entry)) : this.open(scope, entry);
      slot?.partition.change((partition) => partition.insert(entry));
    }
    this.dropUnused();
  }

  async remove(scope: TenantScope, model: string, entryIds: readonly string[]): Promise<void> {
    for (const slot of this.slotsOf(scope)) {
      if (slot.model !== model) continue;
      slot.partition.change((partition) => entryIds.forEach((id) => partition.remove(id)));
    }
  }

  async search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    const partition = await this.use(scope, query);
    return partition.search(query);
  }

  async count(scope: TenantScope, { model, namespace }: CountedEntries): Promise<number> {
    if (namespace !== undefined) return (await this.use(scope, { model, namespace })).count;
    let total = 0;
    let after: string | undefined;
    do {
      const ids = await this.entryIds(scope, { model, after, limit: COUNT_PAGE });
      total += ids.length;
      after = ids.length < COUNT_PAGE ? undefined : ids.at(-1);
    } while (after !== undefined);
    return total;
  }

  /** A partition that is not in memory has, by its nature, just what the source has. */
  async entryIds(scope: TenantScope, page: EntryIdPage): Promise<string[]> {
    const slots = this.slotsOf(scope).filter(({ model }) => model === page.model);
    const partitions = await Promise.all(slots.map(({ partition }) => partition.ready));
    const ids = partitions.flatMap((partition) => partition.entryIdsAfter(page.after ?? ''));
    const namespaces = slots.map(({ namespace }) => namespace);
    ids.push(...((await this.source?.entryIds(scope, page, namespaces)) ?? []));
    return ids.toSorted().slice(0, page.limit);
  }

  async drop(model: string): Promise<void> {
    for (const [key, slot] of this.slots) if (slot.model === model) this.slots.delete(key);
  }

  async held(scope: TenantScope, { model, entryIds, memoryIds }: SoughtEntries): Promise<string[]> {
    const sought = new Set([...entryIds, ...memoryIds]);
    const slots = this.slotsOf(scope).filter((slot) => slot.model === model);
    const partitions = await Promise.all(slots.map(({ partition }) => partition.ready));
    return partitions.flatMap((partition) => partition.held(sought));
  }

  async clear(scope: TenantScope): Promise<number> {
    const slots = this.slotsOf(scope);
    const partitions = await Promise.all(slots.map(({ partition }) => partition.ready));
    for (const slot of slots) this.slots.delete(slotKey(scope, slot));
    return partitions.reduce((sum, { count }) => sum + count, 0);
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    this.slots.clear();
  }

  private slotsOf({ tenantId }: TenantScope): Slot[] {
    return [...this.slots.values()].filter((slot) => slot.tenantId === tenantId);
  }

  private async use(scope: TenantScope, of: IndexPartition): Promise<FlatPartition> {
    const key = slotKey(scope, of);
    const slot = this.open(scope, of);
    this.slots.delete(key);
    this.slots.set(key, slot);
    try {
      const partition = await slot.partition.ready;
      this.dropUnused(key);
      return partition;
    } catch (error) {
      if (this.slots.get(key) === slot) this.slots.delete(key);
      throw error;
    }
  }

  private open(scope: TenantScope, of: IndexPartition): Slot {
    const key = slotKey(scope, of);
    const known = this.slots.get(key);
    if (known) return known;
    const { tenantId } = scope;
    const { namespace, model } = of;
    const partition = new PartitionSlot(new FlatPartition(this.engine), this.batches(scope, of));
    const slot = { tenantId, namespace, model, partition };
    this.slots.set(key, slot);
    return slot;
  }

  private async *batches(
    scope: TenantScope,
    { namespace, model }: IndexPartition,
  ): AsyncGenerator<(partition: FlatPartition) => void> {
    if (!this.source) return;
    for await (const entries of this.source.entries(scope, { namespace, model })) {
      yield (partition) => entries.forEach((entry) => partition.insert(entry));
    }
  }

  private dropUnused(inUse?: string): void {
    if (!this.source) return;
    let bytes = [...this.slots.values()].reduce((sum, slot) => sum + slot.partition.bytes, 0);
    for (const [key, { partition }] of this.slots) {
      if (bytes <= this.budgetBytes) return;
      if (key === inUse || partition.isLoading) continue;
      this.slots.delete(key);
      bytes -= partition.bytes;
    }
  }
}

const slotKey = (scope: TenantScope, { namespace, model }: IndexPartition): string =>
  JSON.stringify([scope.tenantId, namespace, model]);
