import { Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import { parseFilter } from '@soma/filter';
import { type FreshQuery, type FreshTail, SearchRepository } from '@soma/search';
import { type IndexQuery, isIndexOutage, rankExactly, VectorIndex } from '@soma/vector-index';
import type { CandidatesOf, MergeCandidate } from './merge-store.js';

/** Nearest looked at of each memory. */
const NEAREST = 32;
const AT_ONCE = 8;
/** Beyond what the index lags, as searches have it. */
const TAIL_MARGIN_MS = 2_000;
const MAX_FRESH = 20_000;
const RETRY_AFTER_SECONDS = 5;

/** Memories near others, by the vector index and the tail that it does not show yet. */
@Injectable()
export class Neighbours {
  constructor(
    private readonly index: VectorIndex,
    private readonly repository: SearchRepository,
  ) {}

  /**
   * Ids of memories that were last changed before one of these, or with it, and are as near.
   * @throws SomaError DEPENDENCY_UNAVAILABLE while the index is far behind, or does not answer for a
   * namespace of which not all vectors can be compared instead.
   */
  async of(
    scope: TenantScope,
    { namespace, model }: CandidatesOf,
    candidates: readonly MergeCandidate[],
    minCosine: number,
  ): Promise<string[]> {
    // First: what is not in it was in the index before that is asked.
    const freshForMs = this.index.visibilityLagMs + TAIL_MARGIN_MS;
    const unseen = await this.tail(scope, { namespace, model, freshForMs });
    const indexed = await this.indexed(scope, { namespace, model }, candidates).catch(
      (error: unknown) => {
        if (isIndexOutage(error)) return undefined;
        throw error;
      },
    );
    // Of a sick index all vectors are compared instead.
    const tail = indexed ? unseen : await this.tail(scope, { namespace, model });
    const items = tail.entries.map((entry) => ({ ...entry, key: entry.entryId }));
    const fresh = candidates.flatMap(({ vector }) =>
      rankExactly(vector, items, NEAREST).map(({ item, score }) => ({
        memoryId: item.memoryId,
        score,
      })),
    );
    const near = [...(indexed ?? []), ...fresh].filter(({ score }) => score >= minCosine);
    return [...new Set(near.map(({ memoryId }) => memoryId))];
  }

  private async tail(
    scope: TenantScope,
    query: Pick<FreshQuery, 'namespace' | 'model' | 'freshForMs'>,
  ): Promise<FreshTail> {
    const tail = await this.repository.fresh(scope, { ...query, freshLimit: MAX_FRESH });
    if (tail.cut) throw isBehind();
    return tail;
  }

  private async indexed(
    scope: TenantScope,
    { namespace, model }: CandidatesOf,
    candidates: readonly MergeCandidate[],
  ) {
    const hits = [];
    for (let from = 0; from < candidates.length; from += AT_ONCE) {
      const part = candidates
        .slice(from, from + AT_ONCE)
        .map(({ vector, memoryType, updatedAt }) => {
          const filter = parseFilter({
            memory_type: memoryType,
            updated_at: { lte: updatedAt.toISOString() },
          });
          const query: IndexQuery = { namespace, model, vector, topK: NEAREST, filter };
          return this.index.search(scope, query);
        });
      hits.push(...(await Promise.all(part)).flat());
    }
    return hits;
  }
}

const isBehind = (): SomaError =>
  new SomaError(
    'DEPENDENCY_UNAVAILABLE',
    `The vector index does not answer, or does not show more than ${MAX_FRESH} memories of this ` +
      'namespace yet; duplicates are looked for when it does. Try again.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
