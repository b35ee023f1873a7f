import type { Coordinate, MemoryId, PageEnd, TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { SortKey } from './memory-list.schema.js';
import type { LinkOnStore, Memory, MemoryType } from './memory.schema.js';

/** How a client names a memory: by id, or by coordinate in a namespace. */
export type MemoryAddress =
  | { readonly kind: 'id'; readonly id: MemoryId }
  | { readonly kind: 'coordinate'; readonly namespace: string; readonly coordinate: Coordinate };

/** A vector and the model it is of. */
export interface MemoryEmbedding {
  readonly model: string;
  readonly vector: Float32Array;
}

/** Of a memory stored while no embedder answers: its vector is made later. */
export type EmbeddingOnWrite = MemoryEmbedding | 'pending';

/** A validated memory, ready to be written. */
export interface MemoryDraft {
  /** Its id, unless its coordinate is taken: then it is a version of the memory there. */
  readonly id: MemoryId;
  readonly namespace: string;
  readonly coordinate: Coordinate;
  readonly memory_type: MemoryType;
  readonly content: string;
  readonly payload: Memory['payload'];
  readonly metadata: Memory['metadata'];
  readonly tags: readonly string[];
  readonly importance: number;
  readonly pinned: boolean;
  readonly session_id: string | null;
  readonly speaker: string | null;
  readonly occurred_at: string | null;
  readonly expires_at: string | null;
  readonly links: readonly (LinkOnStore & { readonly to: Coordinate })[];
  readonly embedding: EmbeddingOnWrite;
}

/** What one draft became: a memory, or the coordinate of a link's target that does not exist. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly memory: Memory }
  | { readonly kind: 'link-target-missing'; readonly coordinate: string };

export type MemoryChanges = Partial<
  Pick<
    Memory,
    | 'content'
    | 'payload'
    | 'memory_type'
    | 'importance'
    | 'tags'
    | 'metadata'
    | 'pinned'
    | 'session_id'
    | 'speaker'
    | 'occurred_at'
    | 'expires_at'
  >
>;

/** A page of one namespace. */
export interface MemoryPageRequest {
  readonly namespace: string;
  readonly memoryType?: MemoryType;
  readonly box?: { readonly min: readonly number[]; readonly max: readonly number[] };
  readonly filter?: Filter;
  readonly sort: SortKey;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly after?: PageEnd;
}

/** Which memories a deletion means. */
export type DeletionTarget =
  | { readonly kind: 'ids'; readonly ids: readonly MemoryId[] }
  | { readonly kind: 'filter'; readonly namespace: string; readonly filter: Filter };

/**
 * Memories in Postgres. Every write also writes, in the same transaction, what is derived from it:
 * version, embedding, postings and the outbox row that brings the vector to the index. An expired
 * memory is not found.
 */
export abstract class MemoryRepository {
  /** Outcomes in the drafts' order; two drafts of one coordinate become two versions, in order. */
  abstract store(scope: TenantScope, drafts: readonly MemoryDraft[]): Promise<StoreOutcome[]>;
  /** Reads without counting an access; with `lock`, nobody else writes it until the commit. */
  abstract find(
    scope: TenantScope,
    address: MemoryAddress,
    lock?: 'for-update',
  ): Promise<Memory | undefined>;
  /** Reads and counts an access at `at`. */
  abstract access(
    scope: TenantScope,
    address: MemoryAddress,
    at: Date,
  ): Promise<Memory | undefined>;
  /** Makes version n+1. `embedding` is given when the content changes. */
  abstract update(
    scope: TenantScope,
    id: MemoryId,
    changes: MemoryChanges,
    embedding?: EmbeddingOnWrite,
  ): Promise<Memory>;
  abstract list(scope: TenantScope, request: MemoryPageRequest): Promise<Memory[]>;
  /** Ids of those matched, at most `limit`, and how many there are in all. */
  abstract match(
    scope: TenantScope,
    target: DeletionTarget,
    limit: number,
  ): Promise<{ matched: number; ids: MemoryId[] }>;
  /** Deletes with everything derived and every link. @returns the ids that were there. */
  abstract delete(scope: TenantScope, target: DeletionTarget): Promise<MemoryId[]>;
}
