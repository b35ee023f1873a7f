import type { MemoryId } from '@soma/core';
import { filterPredicate, type Filter, type FilterableMemory } from '@soma/filter';
import type { IndexEntry, IndexHit, IndexQuery } from '../vector-index.js';
import { assertVector } from '../assert-vector.js';
import type { RankedRow } from './best-rows.js';
import { exactTopK, scanRows } from './exact-top-k.js';
import type { ScanEngine } from './scan-engine.js';
import { VectorSlab } from './vector-slab.js';

interface Kept {
  readonly memoryId: MemoryId;
  readonly attributes: FilterableMemory;
  readonly bytes: number;
}

/** Rough cost of one entry beside its vector and the text of its attributes. */
const ENTRY_OVERHEAD_BYTES = 512;

/** All entries of one tenant, namespace and model. */
export class FlatPartition {
  private slab: VectorSlab<Kept> | undefined;
  private keptBytes = 0;

  constructor(private readonly engine: ScanEngine | null) {}

  get count(): number {
    return this.slab?.count ?? 0;
  }

  /** Memory held, the attributes estimated. */
  get bytes(): number {
    return (this.slab?.bytes ?? 0) + this.keptBytes;
  }

  insert(entry: IndexEntry): void {
    if (this.slab?.has(entry.entryId)) return;
    assertVector(entry.vector, this.slab?.dimension);
    const { memoryId, attributes } = entry;
    const bytes = ENTRY_OVERHEAD_BYTES + 2 * JSON.stringify(attributes).length;
    this.slab ??= new VectorSlab(entry.vector.length);
    this.slab.add(entry.entryId, entry.vector, { memoryId, attributes, bytes });
    this.keptBytes += bytes;
  }

  remove(entryId: string): void {
    this.keptBytes -= this.slab?.remove(entryId)?.bytes ?? 0;
  }

  /** In no particular order. */
  entryIdsAfter(entryId: string): string[] {
    return this.slab?.keysAfter(entryId) ?? [];
  }

  /** Ids of entries that are among `sought`, or whose memory is. */
  held(sought: ReadonlySet<string>): string[] {
    const { slab } = this;
    if (!slab) return [];
    return slab.keysAfter('').filter((key, row) => {
      return sought.has(key) || sought.has(slab.valueOf(row).memoryId);
    });
  }

  search(query: IndexQuery): IndexHit[] {
    const { slab } = this;
    if (!slab) return [];
    assertVector(query.vector, slab.dimension);
    const ranked = this.rank(slab, query);
    return ranked.map(({ row, score }) => ({
      entryId: slab.keyOf(row),
      memoryId: slab.valueOf(row).memoryId,
      score,
    }));
  }

  private rank(slab: VectorSlab<Kept>, { vector, topK, filter }: IndexQuery): RankedRow[] {
    const rows = filter && matchingRows(slab, filter);
    const isSelective = rows !== undefined && rows.length < slab.count;
    return isSelective
      ? scanRows(vector, slab, topK, rows)
      : exactTopK(vector, slab, topK, this.engine);
  }
}

function matchingRows(slab: VectorSlab<Kept>, filter: Filter): number[] {
  const matches = filterPredicate(filter);
  const rows: number[] = [];
  for (let row = 0; row < slab.count; row += 1) {
    if (matches(slab.valueOf(row).attributes)) rows.push(row);
  }
  return rows;
}
