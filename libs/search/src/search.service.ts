import { Injectable, Logger } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { type Filter, parseFilter } from '@soma/filter';
import { type IndexHit, rankExactly, VectorIndex } from '@soma/vector-index';
import { type Candidate, fuse } from './fusion.js';
import { HYBRID, type Recipe } from './recipes.js';
import { type CurrentEntry, type FreshEntry, SearchRepository } from './search-repository.js';
import type { PartialReason, SearchRequest, SearchResponse } from './search.schema.js';

/** A fresh tail longer than this is scanned in part only, and the answer says so. */
const MAX_FRESH = 20_000;

interface DenseArm {
  readonly hits: readonly IndexHit[];
  readonly failed: boolean;
}

@Injectable()
export class SearchService {
  private readonly logger = new Logger(SearchService.name);

  constructor(
    private readonly repository: SearchRepository,
    private readonly index: VectorIndex,
    private readonly embedder: Embedder,
  ) {}

  /**
   * Unites the index's hits, BM25's, and an exact scan of what the index may not show yet; only
   * memories that Postgres has now, in this tenant and passing the filter, are returned.
   */
  async search(scope: TenantScope, request: SearchRequest): Promise<SearchResponse> {
    const started = performance.now();
    const recipe = HYBRID;
    const filter = filterOf(request);
    const limit = Math.max(recipe.minCandidates, request.top_k * recipe.oversampling);
    const [vector] = await this.embedder.embed(scope, [request.query]);
    if (!vector) throw new Error('The embedder left out the query.');
    const { namespace } = request;
    const { model } = this.embedder;
    // First the fresh tail, then the index: what leaves the tail in between is in the index by then.
    const found = await this.repository.candidates(scope, {
      namespace,
      query: request.query,
      filter,
      limit,
      model,
      freshForMs: this.index.visibilityLagMs,
      freshLimit: MAX_FRESH,
    });
    const topK = Math.min(limit, 1_000);
    const dense = await this.denseArm(scope, { namespace, model, vector, topK, filter });
    const hits = [...dense.hits, ...freshHits(vector, found.fresh, limit)];
    const ids = new Set([...hits.map((hit) => hit.memoryId), ...found.lexical.map(({ id }) => id)]);
    const current = await this.repository.current(scope, namespace, [...ids], filter);
    const ranked = rank(recipe, current, hits, found.lexical).slice(0, request.top_k);
    const memories = await this.hydrate(scope, ranked);
    const reason = partialReason(dense.failed, found.freshCut);
    return {
      memories,
      took_ms: Math.round((performance.now() - started) * 100) / 100,
      partial: reason !== undefined,
      ...(reason && { partial_reason: reason }),
    };
  }

  /** The chosen memories as they are now; one deleted this very moment is left out. */
  private async hydrate(
    scope: TenantScope,
    ranked: readonly Candidate<MemoryId>[],
  ): Promise<SearchResponse['memories']> {
    const ids = ranked.map(({ id }) => id);
    const memories = await this.repository.memories(scope, ids);
    const byId = new Map(memories.map((memory) => [memory.id, memory]));
    return ranked.flatMap(({ id, score }) => {
      const memory = byId.get(id);
      return memory ? [{ ...memory, score }] : [];
    });
  }

  /** A sick index costs completeness, which the answer admits, but never the answer. */
  private async denseArm(
    scope: TenantScope,
    query: Parameters<VectorIndex['search']>[1],
  ): Promise<DenseArm> {
    try {
      return { hits: await this.index.search(scope, query), failed: false };
    } catch (error) {
      this.logger.warn({ err: error }, 'The vector index did not answer; searching without it');
      return { hits: [], failed: true };
    }
  }
}

function filterOf({ memory_type, filter }: SearchRequest): Filter | undefined {
  const given = filter === undefined ? undefined : parseFilter(filter);
  if (memory_type === undefined) return given;
  const ofType = parseFilter({ memory_type });
  return given ? { kind: 'and', filters: [ofType, given] } : ofType;
}

function freshHits(vector: Float32Array, fresh: readonly FreshEntry[], limit: number): IndexHit[] {
  const items = fresh.map((entry) => ({ key: entry.entryId, vector: entry.vector, entry }));
  return rankExactly(vector, items, limit).map(({ item, score }) => ({
    entryId: item.entry.entryId,
    memoryId: item.entry.memoryId,
    score,
  }));
}

function rank(
  { weights }: Recipe,
  current: readonly CurrentEntry[],
  hits: readonly IndexHit[],
  lexical: readonly Candidate<MemoryId>[],
): Candidate<MemoryId>[] {
  const entryOf = new Map(current.map(({ id, entryId }) => [id, entryId]));
  const dense = new Map<MemoryId, number>();
  for (const { memoryId, entryId, score } of hits) {
    if (entryOf.get(memoryId) === entryId) dense.set(memoryId, score);
  }
  const fused = fuse<MemoryId>([
    { weight: weights.dense, candidates: [...dense].map(([id, score]) => ({ id, score })) },
    { weight: weights.lexical, candidates: lexical.filter(({ id }) => entryOf.has(id)) },
  ]);
  return fused.filter(({ score }) => score > 0);
}

function partialReason(indexFailed: boolean, freshCut: boolean): PartialReason | undefined {
  if (indexFailed) return 'index-unavailable';
  return freshCut ? 'fresh-tail-too-long' : undefined;
}
