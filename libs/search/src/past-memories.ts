import type { MemoryId, TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { Memory } from '@soma/memory';
import type { ContextLink, LexicalMatches, LexicalQuery } from './search-repository.js';

/** Which memories a search of the past is among: one namespace, as it was. */
export interface PastQuestion {
  readonly namespace: string;
  /** The versions that were the newest then; undefined: today's. */
  readonly knownAt: Date | undefined;
  /** The facts that were true then; undefined: those in force by what was known. */
  readonly validAt: Date | undefined;
  readonly filter: Filter | undefined;
}

/** A memory as it was. */
export interface PastMemory {
  readonly memory: Memory;
  /** -1 without a session. */
  readonly sessionKey: number;
  readonly passes: boolean;
  /** Its content is another today, and so is its vector. */
  readonly isRewritten: boolean;
}

/** Namespaces as they were. Deleted and expired memories are not there, whatever the moment. */
export abstract class PastMemories {
  /** How many memories there were, and the bytes of their contents and payloads. */
  abstract size(
    scope: TenantScope,
    question: PastQuestion,
  ): Promise<{ readonly memories: number; readonly bytes: number }>;
  abstract memories(scope: TenantScope, question: PastQuestion): Promise<PastMemory[]>;
  /** Postings as those memories had them; and the lexemes of each memory of the namespace. */
  abstract lexical(
    scope: TenantScope,
    question: PastQuestion,
    query: LexicalQuery,
  ): Promise<
    Pick<LexicalMatches, 'postings'> & { readonly lengths: ReadonlyMap<MemoryId, number> }
  >;
  /** The strongest links of each that were there, whichever end it is. */
  abstract links(
    scope: TenantScope,
    question: PastQuestion,
    ids: readonly MemoryId[],
  ): Promise<ContextLink[]>;
}
