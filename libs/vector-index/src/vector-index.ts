import type { MemoryId, TenantScope } from '@soma/core';
import type { Filter, FilterableMemory } from '@soma/filter';

/** One immutable vector of one version of one memory. A change of the memory is a new entry. */
export interface IndexEntry {
  /** UUIDv7 made by the service; never reused. */
  readonly entryId: string;
  readonly memoryId: MemoryId;
  readonly namespace: string;
  /** The embedder's model; entries of two models are never compared. */
  readonly model: string;
  /** L2-normalised. */
  readonly vector: Float32Array;
  readonly attributes: FilterableMemory;
}

export interface IndexQuery {
  readonly namespace: string;
  readonly model: string;
  /** L2-normalised. */
  readonly vector: Float32Array;
  /** 1 to 1,000. */
  readonly topK: number;
  readonly filter?: Filter;
}

export interface IndexHit {
  readonly entryId: string;
  readonly memoryId: MemoryId;
  /** Cosine similarity, -1 to 1. */
  readonly score: number;
}

/** Some of a tenant's entries. */
export interface IndexPartition {
  readonly namespace: string;
  readonly model: string;
}

/** Which of a tenant's entries to count; without a namespace those of all. */
export type CountedEntries = Pick<IndexPartition, 'model'> & Partial<IndexPartition>;

/** One page of the ids of a tenant's entries of one model, in all its namespaces. */
export interface EntryIdPage {
  readonly model: string;
  /** Ids up to this one are left out. */
  readonly after?: string;
  /** 1 to 10,000. */
  readonly limit: number;
}

/** Entries to look for: by their own ids, and whatever there is of these memories. */
export interface SoughtEntries {
  readonly model: string;
  readonly entryIds: readonly string[];
  readonly memoryIds: readonly string[];
}

/**
 * Nearest neighbours by cosine, derived from Postgres and always rebuildable. Inserting an entry
 * twice, or removing one that is not there, changes nothing.
 */
export abstract class VectorIndex {
  /** How long after `insert` resolves an entry may still be missing from `search`; 0 for exact. */
  abstract readonly visibilityLagMs: number;

  abstract insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void>;
  abstract remove(scope: TenantScope, model: string, entryIds: readonly string[]): Promise<void>;
  /** Best first. May name entries already removed: callers check each hit against Postgres. */
  abstract search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]>;
  /** Entries surely counted, with the strongest consistency the engine has. */
  abstract count(scope: TenantScope, counted: CountedEntries): Promise<number>;
  /**
   * Ids in ascending order, as surely as `count`; fewer than the limit are the last. Rejects rather
   * than take an index that is still recovering for an empty one.
   */
  abstract entryIds(scope: TenantScope, page: EntryIdPage): Promise<string[]>;
  /** Forgets all entries of a model, of every tenant; one that has none is dropped already. */
  abstract drop(model: string): Promise<void>;
  /** Ids of those that are there, as surely as `count`; rejects like `entryIds`. */
  abstract held(scope: TenantScope, sought: SoughtEntries): Promise<string[]>;
  /** Removes all that a tenant has, of every model. @returns how many entries it found. */
  abstract clear(scope: TenantScope): Promise<number>;
  /** A canary query against the engine; rejects when searches would not be answered. */
  abstract check(): Promise<void>;
  abstract close(): Promise<void>;
}
