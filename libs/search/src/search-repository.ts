import type { MemoryId, TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { Memory } from '@soma/memory';
import type { PostingKey } from './posting-key.js';

export interface LexicalQuery {
  readonly namespace: string;
  /** The query by sentence, as splitSentences gives it. */
  readonly sentences: readonly string[];
  /** Text beside the query; each occurrence of a lexeme in it counts `contextWeight`, below 1. */
  readonly context: string | undefined;
  readonly contextWeight: number;
  /** Lexemes of the query that are not looked for. */
  readonly stopLexemes: readonly string[];
  /** Words and phrases that may be a tag or a speaker's name. */
  readonly names: readonly string[];
  /** Ids and coordinates that the query spells out. */
  readonly ids: readonly MemoryId[];
  readonly coordinates: readonly string[];
  readonly filter?: Filter;
}

export interface FreshQuery {
  readonly namespace: string;
  readonly filter?: Filter;
  readonly model: string;
  /** Entries indexed less than this long ago count as fresh; without it all do. */
  readonly freshForMs?: number;
  /** Most fresh entries. */
  readonly freshLimit: number;
}

/** An entry that the vector index may not show yet. */
export interface FreshEntry {
  readonly entryId: string;
  readonly memoryId: MemoryId;
  readonly vector: Float32Array;
}

/** Memories that have one lexeme of the query, not all where many do; columns of the same length. */
export interface PostingList {
  readonly lexeme: string;
  /** Occurrences in query and context, and the sentences of the query that have it, by position. */
  readonly frequency: number;
  readonly sentences: readonly number[];
  readonly keys: readonly PostingKey[];
  readonly frequencies: ArrayLike<number>;
  /** Lexemes of each memory. */
  readonly lengths: ArrayLike<number>;
  /** Key of each memory's session; -1 without one. */
  readonly sessions: ArrayLike<number>;
  /** 0 where the filter keeps a memory out. */
  readonly passes: ArrayLike<number>;
}

/** A memory whose id, coordinate, tag or speaker the query names. */
export interface ExactHit {
  readonly id: MemoryId;
  readonly kind: 'address' | 'tag' | 'speaker';
}

export interface FreshTail {
  readonly entries: readonly FreshEntry[];
  /** More were fresh than `freshLimit`. */
  readonly cut: boolean;
  /** The model that searches are to use, at the moment of reading; undefined before the first start. */
  readonly activeModel: string | undefined;
}

export interface LexicalMatches {
  readonly postings: readonly PostingList[];
  /** Memories of the namespace, and their lexemes together. */
  readonly memories: number;
  readonly totalLength: number;
  readonly exact: readonly ExactHit[];
}

export interface ContextQuery {
  readonly namespace: string;
  readonly filter?: Filter;
  /** Sessions that started later, in ms since 1970, make no other older. */
  readonly at?: number | undefined;
  /** Memories found whose neighbours come along, and those of them whose links do. */
  readonly spreading: readonly MemoryId[];
  readonly linking: readonly MemoryId[];
  /** Memories found by vector: the entry that stands for each now is read too. */
  readonly embedded: readonly MemoryId[];
  /** The model whose entries are meant. */
  readonly model: string;
  /** Memories found that are read without their surroundings. */
  readonly others: readonly MemoryId[];
  /** So far before and after a spreading memory, in its session, memories are read like it. */
  readonly spread: number;
  /** So far, their lengths are read. */
  readonly reach: number;
}

/** A memory near another; only what its words weigh is read. */
export interface ContextNeighbour {
  readonly id: MemoryId;
  readonly lexemes: number;
}

/** A spreading memory's neighbours in its session, nearest first. */
export interface ContextWindow {
  readonly id: MemoryId;
  readonly before: readonly ContextNeighbour[];
  readonly after: readonly ContextNeighbour[];
}

export interface ContextLink {
  readonly from: MemoryId;
  readonly to: MemoryId;
  readonly strength: number;
}

/** What ranking reads of a memory. */
export interface ContextMemory {
  readonly id: MemoryId;
  /** Of an `embedded` memory; an index hit by another entry is stale. */
  readonly entryId: string | null;
  /** -1 without a session. */
  readonly sessionKey: number;
  readonly speaker: string | undefined;
  readonly role: string | undefined;
  /** ms since 1970 */
  readonly happenedAt: number;
  readonly createdAt: number;
  readonly content: string;
  readonly lexemes: number;
}

export interface ContextSession {
  readonly key: number;
  readonly length: number;
  /** Sessions of the namespace that started later, until `at`. */
  readonly age: number;
}

/** Memories that may be returned, their neighbours, and their sessions. */
export interface Context {
  /** Those asked for, near neighbours, and what is linked: all that exist and pass. */
  readonly memories: readonly ContextMemory[];
  readonly windows: readonly ContextWindow[];
  readonly links: readonly ContextLink[];
  readonly sessions: readonly ContextSession[];
  /** Sessions of the namespace, and their lexemes together. */
  readonly sessionCount: number;
  readonly sessionsLength: number;
}

/** A memory that may be returned, and the entry that stands for it now. */
export interface CurrentEntry {
  readonly id: MemoryId;
  /** An index hit by another entry is stale. */
  readonly entryId: string | null;
}

/** What a search reads from Postgres. */
export abstract class SearchRepository {
  abstract fresh(scope: TenantScope, query: FreshQuery): Promise<FreshTail>;
  abstract lexical(scope: TenantScope, query: LexicalQuery): Promise<LexicalMatches>;
  /** Memories that have expired or do not pass the filter are not there. */
  abstract context(scope: TenantScope, query: ContextQuery): Promise<Context>;
  /** Those of the ids that exist now, are not expired, and pass the filter. */
  abstract current(
    scope: TenantScope,
    query: Pick<FreshQuery, 'namespace' | 'model' | 'filter'>,
    ids: readonly MemoryId[],
  ): Promise<CurrentEntry[]>;
  /** The memories of these ids that exist now and are not expired, in any order. */
  abstract memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Memory[]>;
  /** The vectors of these memories, of the model named; a memory without one is not there. */
  abstract vectors(
    scope: TenantScope,
    ids: readonly MemoryId[],
    model: string,
  ): Promise<Map<MemoryId, Float32Array>>;
}
