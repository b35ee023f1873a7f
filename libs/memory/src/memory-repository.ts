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
  /** Vectors of the same text by models that are about to be used. */
  readonly besides?: readonly Omit<MemoryEmbedding, 'besides'>[];
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
  readonly dedup: Memory['dedup'];
  readonly prediction: string | null;
  readonly session_id: string | null;
  readonly speaker: string | null;
  readonly occurred_at: string | null;
  readonly expires_at: string | null;
  readonly slot: string | null;
  /** As it was given; without it the fact is valid since it occurred, or was stored. */
  readonly valid_from: string | null;
  readonly source: Memory['source'];
  readonly trust: number;
  readonly links: readonly (LinkOnStore & { readonly to: Coordinate })[];
  readonly embedding: EmbeddingOnWrite;
}

/**
 * What one draft became: a memory, or nothing, because of the coordinate of a link's target that does
 * not exist, or because its own has a memory and only new ones were asked for.
 */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly memory: Memory }
  | { readonly kind: 'link-target-missing'; readonly coordinate: string }
  | { readonly kind: 'coordinate-taken'; readonly coordinate: string };

export interface StoreOptions {
  /** Whether a draft whose coordinate is taken is left out, instead of being the next version there. */
  readonly onlyNew?: boolean;
}

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
    | 'dedup'
    | 'prediction'
    | 'session_id'
    | 'speaker'
    | 'occurred_at'
    | 'expires_at'
    | 'slot'
    | 'valid_from'
    | 'source'
    | 'trust'
  >
>;

/** A page of one namespace. */
export interface MemoryPageRequest {
  readonly namespace: string;
  readonly memoryType?: MemoryType;
  readonly box?: { readonly min: readonly number[]; readonly max: readonly number[] };
  readonly filter?: Filter;
  readonly slot?: string | undefined;
  /** The versions that were the newest then, instead of today's. */
  readonly knownAt?: Date | undefined;
  /** The facts that were true then, instead of those in force. */
  readonly validAt?: Date | undefined;
  /** Memories derived for the hierarchy too. */
  readonly withDerived?: boolean;
  /** Facts that are not in force any more too. */
  readonly withSuperseded?: boolean;
  readonly sort: SortKey;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly after?: PageEnd;
}

/** Which memories a deletion means. */
export type DeletionTarget =
  | { readonly kind: 'ids'; readonly ids: readonly MemoryId[] }
  | { readonly kind: 'filter'; readonly namespace: string; readonly filter: Filter }
  | { readonly kind: 'namespace'; readonly namespace: string };

/** Of an update: the vector, if the content changes, and how the version comes about. */
export interface UpdateOptions {
  readonly embedding?: EmbeddingOnWrite;
  /** Whether nothing of the version before is kept. */
  readonly isWhole?: boolean;
  /** The version that it repeats as a whole, as that one's writer's. */
  readonly restoredFrom?: number;
}

/**
 * Memories in Postgres. Every write also writes, in the same transaction, what is derived from it:
 * version, embedding, postings and the outbox row that brings the vector to the index. An expired
 * memory is not found.
 */
export abstract class MemoryRepository {
  /**
   * Outcomes in the drafts' order; two drafts of one coordinate become two versions, in order. Those
   * of a writer in quarantine are kept apart, and no memory is made or changed.
   */
  abstract store(
    scope: TenantScope,
    drafts: readonly MemoryDraft[],
    options?: StoreOptions,
  ): Promise<StoreOutcome[]>;
  /** Of each address, in order, whether a memory is there, derived ones included. */
  abstract taken(
    scope: TenantScope,
    addresses: readonly Pick<MemoryDraft, 'namespace' | 'coordinate'>[],
  ): Promise<boolean[]>;
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
  /**
   * Makes version n+1. `embedding` is given when the content changes.
   * @throws SomaError WRITER_QUARANTINED
   */
  abstract update(
    scope: TenantScope,
    id: MemoryId,
    changes: MemoryChanges,
    options?: UpdateOptions,
  ): Promise<Memory>;
  /** The memory that now stands for one that was merged; undefined for any other. */
  abstract standInOf(scope: TenantScope, id: MemoryId): Promise<MemoryId | undefined>;
  abstract list(scope: TenantScope, request: MemoryPageRequest): Promise<Memory[]>;
  /** Ids of those matched, at most `limit`, and how many there are in all. */
  abstract match(
    scope: TenantScope,
    target: DeletionTarget,
    limit: number,
  ): Promise<{ matched: number; ids: MemoryId[] }>;
}
