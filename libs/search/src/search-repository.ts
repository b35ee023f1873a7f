import type { MemoryId, TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { Memory } from '@soma/memory';
import type { Candidate } from './fusion.js';

export interface CandidateQuery {
  readonly namespace: string;
  readonly query: string;
  readonly filter?: Filter;
  /** Most lexical candidates. */
  readonly limit: number;
  readonly model: string;
  /** Entries indexed less than this long ago count as fresh. */
  readonly freshForMs: number;
  /** Most fresh entries. */
  readonly freshLimit: number;
}

/** An entry that the vector index may not show yet. */
export interface FreshEntry {
  readonly entryId: string;
  readonly memoryId: MemoryId;
  readonly vector: Float32Array;
}

export interface Candidates {
  /** BM25, best first. */
  readonly lexical: readonly Candidate<MemoryId>[];
  readonly fresh: readonly FreshEntry[];
  /** More were fresh than `freshLimit`. */
  readonly freshCut: boolean;
}

/** A memory that may be returned, and the entry that stands for it now. */
export interface CurrentEntry {
  readonly id: MemoryId;
  /** An index hit by another entry is stale. */
  readonly entryId: string | null;
}

/** What a search reads from Postgres. */
export abstract class SearchRepository {
  abstract candidates(scope: TenantScope, query: CandidateQuery): Promise<Candidates>;
  /** Those of the ids that exist now, are not expired, and pass the filter. */
  abstract current(
    scope: TenantScope,
    namespace: string,
    ids: readonly MemoryId[],
    filter?: Filter,
  ): Promise<CurrentEntry[]>;
  /** The memories of these ids that exist now and are not expired, in any order. */
  abstract memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Memory[]>;
}
