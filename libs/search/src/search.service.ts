import { Injectable, Logger } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { type Filter, parseFilter } from '@soma/filter';
import { type IndexHit, rankExactly, VectorIndex } from '@soma/vector-index';
import { fuse } from './fusion.js';
import { HYBRID, type Recipe } from './recipes.js';
import { type CurrentMemory, type FreshEntry, SearchRepository } from './search-repository.js';
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
    const [dense, found] = await Promise.all([
      this.denseArm(scope, { namespace, model, vector, topK: Math.min(limit, 1_000), filter }),
      this.repository.candidates(scope, {
        namespace,
        query: request.query,
        filter,
        limit,
        model,
        freshForMs: this.index.visibilityLagMs,
        freshLimit: MAX_FRESH,
      }),
    ]);
    const hits = [...dense.hits, ...freshHits(vector, found.fresh, limit)];
    const ids = new Set([...hits.map((hit) => hit.memoryId), ...found.lexical.map(({ id }) => id)]);
    const current = await this.repository.current(scope, namespace, [...ids], filter);
    const memories = rank(recipe, current, hits, found.lexical).slice(0, request.top_k);
    const reason = partialReason(dense.failed, found.freshCut);
    return {
      memories,
      took_ms: Math.round((performance.now() - started) * 100) / 100,
      partial: reason !== undefined,
      ...(reason && { partial_reason: reason }),
    };
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
  current: readonly CurrentMemory[],
  hits: readonly IndexHit[],
  lexical: readonly { id: MemoryId; score: number }[],
): SearchResponse['memories'] {
  const byId = new Map(current.map((entry) => [entry.memory.id as MemoryId, entry]));
  const dense = new Map<MemoryId, number>();
  for (const { memoryId, entryId, score } of hits) {
    if (byId.get(memoryId)?.entryId === entryId) dense.set(memoryId, score);
  }
  const fused = fuse<MemoryId>([
    { weight: weights.dense, candidates: [...dense].map(([id, score]) => ({ id, score })) },
    { weight: weights.lexical, candidates: lexical.filter(({ id }) => byId.has(id)) },
  ]);
  return fused.flatMap(({ id, score }) => {
    const found = score > 0 ? byId.get(id) : undefined;
    return found ? [{ ...found.memory, score }] : [];
  });
}

function partialReason(indexFailed: boolean, freshCut: boolean): PartialReason | undefined {
  if (indexFailed) return 'index-unavailable';
  return freshCut ? 'fresh-tail-too-long' : undefined;
}
