import type { MemoryId } from '@soma/core';
import { matchesFilter, type Filter, type FilterableMemory } from '@soma/filter';
import type { IndexEntry, IndexHit, IndexQuery } from '../vector-index.js';
import { assertVector } from '../assert-vector.js';
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
  private slab: VectorSlab | undefined;
  private readonly kept = new Map<string, Kept>();
  private keptBytes = 0;

  constructor(private readonly engine: ScanEngine | undefined) {}

  get count(): number {
    return this.kept.size;
  }

  /** Memory held, the attributes estimated. */
  get bytes(): number {
    return (this.slab?.bytes ?? 0) + this.keptBytes;
  }

  insert(entry: IndexEntry): void {
    if (this.kept.has(entry.entryId)) return;
    assertVector(entry.vector, this.slab?.dimension);
    this.slab ??= new VectorSlab(entry.vector.length);
    this.slab.add(entry.entryId, entry.vector);
    const { memoryId, attributes } = entry;
    const bytes = ENTRY_OVERHEAD_BYTES + 2 * JSON.stringify(attributes).length;
    this.kept.set(entry.entryId, { memoryId, attributes, bytes });
    this.keptBytes += bytes;
  }

  remove(entryId: string): void {
    const kept = this.kept.get(entryId);
    if (!kept) return;
    this.slab?.remove(entryId);
    this.kept.delete(entryId);
    this.keptBytes -= kept.bytes;
  }

  search(query: IndexQuery): IndexHit[] {
    const { slab } = this;
    if (!slab) return [];
    assertVector(query.vector, slab.dimension);
    const ranked = query.filter
      ? scanRows(query.vector, slab, query.topK, this.matchingRows(slab, query.filter))
      : exactTopK(query.vector, slab, query.topK, this.engine);
    return ranked.map(({ row, score }) => {
      const entryId = slab.keyOf(row);
      return { entryId, memoryId: this.keptOf(entryId).memoryId, score };
    });
  }

  private *matchingRows(slab: VectorSlab, filter: Filter): Iterable<number> {
    for (let row = 0; row < slab.count; row += 1) {
      if (matchesFilter(filter, this.keptOf(slab.keyOf(row)).attributes)) yield row;
    }
  }

  private keptOf(entryId: string): Kept {
    const kept = this.kept.get(entryId);
    if (!kept) throw new RangeError(`Entry ${entryId} has a vector but no attributes.`);
    return kept;
  }
}
