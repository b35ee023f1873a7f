import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, SomaError, type TenantScope } from '@soma/core';
import { Embedders, inParts } from '@soma/embedding';
import type { Filter } from '@soma/filter';
import { FlatVectorIndex } from '@soma/vector-index';
import { PastMemories, type PastMemory, type PastQuestion } from './past-memories.js';
import { PastRepository } from './past-repository.js';
import { SearchArms } from './search-arms.js';
import { SearchRepository } from './search-repository.js';
import { SearchResults } from './search-results.js';
import type { SearchRequest } from './search.schema.js';
import { TokenCounter } from './token-counter.js';

/** Memories of a namespace that a search of the past compares one by one; all are read for it. */
export const MAX_PAST_MEMORIES = 5_000;
/** Their contents and payloads together: their words are taken apart anew. */
export const MAX_PAST_BYTES = 4_000_000;

/** What one search is made among. */
export interface Searched {
  readonly arms: SearchArms;
  readonly repository: SearchRepository;
  readonly results: SearchResults;
}

/** Memories as they are now or, for a request that names a moment, as they were. */
@Injectable()
export class SearchedMemories {
  /** Of the past there is no index. */
  private readonly noIndex = new FlatVectorIndex();

  constructor(
    private readonly arms: SearchArms,
    private readonly repository: SearchRepository,
    private readonly history: PastMemories,
    private readonly embedders: Embedders,
    private readonly tokens: TokenCounter,
  ) {}

  /** @throws SomaError NAMESPACE_TOO_LARGE, or EMBEDDING_UNAVAILABLE for texts that are no more. */
  async of(
    scope: TenantScope,
    { namespace, known_at, valid_at }: SearchRequest,
    filter: Filter | undefined,
  ): Promise<Searched> {
    if (known_at === undefined && valid_at === undefined) {
      const { arms, repository } = this;
      return { arms, repository, results: new SearchResults(repository, this.tokens) };
    }
    const question: PastQuestion = {
      namespace,
      knownAt: known_at === undefined ? undefined : new Date(known_at),
      validAt: valid_at === undefined ? undefined : new Date(valid_at),
      filter,
    };
    assertFits(namespace, await this.history.size(scope, question));
    const memories = await this.history.memories(scope, question);
    const vectors = await this.vectorsOf(scope, memories);
    const repository = new PastRepository(this.history, question, memories, vectors);
    return {
      arms: new SearchArms(repository, this.noIndex, this.embedders),
      repository,
      results: new SearchResults(repository, this.tokens),
    };
  }

  /** As they are kept; of a text that was changed since, made again. */
  private async vectorsOf(
    scope: TenantScope,
    memories: readonly PastMemory[],
  ): Promise<Map<MemoryId, Float32Array>> {
    const embedder = this.embedders.active();
    const kept = memories.filter(({ isRewritten }) => !isRewritten);
    const ids = kept.map(({ memory }) => memoryId(memory.id));
    const vectors = await this.repository.vectors(scope, ids, embedder.model);
    const rewritten = memories.filter(({ isRewritten }) => isRewritten);
    for (const part of inParts(rewritten)) {
      const made = await embedder.embed(
        scope,
        part.map(({ memory }) => memory.content),
      );
      for (const [at, { memory }] of part.entries()) {
        const vector = made[at];
        if (vector) vectors.set(memoryId(memory.id), vector);
      }
    }
    return vectors;
  }
}

function assertFits(
  namespace: string,
  { memories, bytes }: { readonly memories: number; readonly bytes: number },
): void {
  if (memories <= MAX_PAST_MEMORIES && bytes <= MAX_PAST_BYTES) return;
  throw new SomaError(
    'NAMESPACE_TOO_LARGE',
    `A search of the past reads a whole namespace: at most ${MAX_PAST_MEMORIES} memories and ` +
      `${MAX_PAST_BYTES} bytes. "${namespace}" had ${memories} and ${bytes}. Keep smaller namespaces, ` +
      'or list with known_at, valid_at and a filter.',
  );
}
