import { Injectable } from '@nestjs/common';
import { type MemoryId, splitSentences, type TenantScope } from '@soma/core';
import { type Embedder, Embedders } from '@soma/embedding';
import type { Filter } from '@soma/filter';
import { namesTiers, treePartition } from '@soma/memory';
import { type IndexHit, type IndexQuery, VectorIndex } from '@soma/vector-index';
import { compareExactly } from './exact-scan.js';
import { exactNames } from './exact-names.js';
import type { Candidate } from './fusion.js';
import { lexicalCandidates } from './lexical-candidates.js';
import { type NearestCoverage, NearestEntries } from './nearest-entries.js';
import { QUERY_STOP_LEXEMES } from './ranking/query-words.js';
import { ARM_HITS, type RecipeName } from './recipes.js';
import { CONTEXT_SHARE, QueryVectors } from './query-vectors.js';
import {
  type FreshQuery,
  type FreshTail,
  type LexicalMatches,
  SearchRepository,
} from './search-repository.js';
import type { PartialReason, SearchRequest } from './search.schema.js';
import type { Stopwatch } from './stopwatch.js';

/**
 * The tail is read beside the index, so it reaches back so much longer than the index lags: what
 * leaves it between the two reads was visible before. When reading it took longer, the index is
 * asked again.
 */
const TAIL_MARGIN_MS = 2_000;
/** A fresh tail longer than this is scanned in part only, and the answer says so. */
const MAX_FRESH = 20_000;

/** An entry near the query's vector; current only while it is its memory's entry. */
export interface DenseHit extends IndexHit {
  readonly arm: 'dense' | 'fresh';
}

/** What the arms of one search found. */
export interface Found {
  /** By cosine, best first. */
  readonly dense: readonly DenseHit[];
  /** By BM25, best first. */
  readonly lexical: readonly Candidate<MemoryId>[];
  readonly matches: LexicalMatches;
  /** The model whose vectors were compared, and no other's. */
  readonly model: string;
  /** Whether that model knows meanings. */
  readonly semantic: boolean;
  readonly partialReason: PartialReason | undefined;
}

/** What vectors found. */
interface DenseArm {
  readonly hits: DenseHit[];
  readonly partialReason: PartialReason | undefined;
  readonly embedder: Embedder;
}

/** How one search asks its arms. */
interface ArmOptions {
  readonly filter: Filter | undefined;
  readonly limit: number;
  readonly stopwatch: Stopwatch;
}

/** More changes of the model than happen during one search. */
const MOST_TRIES = 3;

const NO_MATCHES: LexicalMatches = { postings: [], memories: 0, totalLength: 0, exact: [] };

/** The arms a recipe does without are not asked. */
const ASKS: Readonly<Record<RecipeName, { dense: boolean; lexical: boolean }>> = {
  context: { dense: true, lexical: true },
  hybrid: { dense: true, lexical: true },
  rrf: { dense: true, lexical: true },
  dense: { dense: true, lexical: false },
  lexical: { dense: false, lexical: true },
};

/** Asks vectors and words for candidates. */
@Injectable()
export class SearchArms {
  private readonly nearest: NearestEntries;
  private readonly queryVectors = new QueryVectors();

  constructor(
    private readonly repository: SearchRepository,
    private readonly index: VectorIndex,
    private readonly embedders: Embedders,
  ) {
    this.nearest = new NearestEntries(index, repository);
  }

  async find(
    scope: TenantScope,
    request: SearchRequest,
    filter: Filter | undefined,
    stopwatch: Stopwatch,
  ): Promise<Found> {
    const asks = ASKS[request.recipe];
    const limit = Math.max(ARM_HITS, request.top_k);
    const [dense, { matches, lexical }] = await Promise.all([
      asks.dense
        ? this.dense(scope, request, { filter, limit, stopwatch })
        : { hits: [], partialReason: undefined, embedder: this.embedders.active() },
      asks.lexical
        ? this.lexical(scope, request, { filter, limit })
        : { matches: NO_MATCHES, lexical: [] },
    ]);
    stopwatch.lap('arms');
    return {
      dense: dense.hits,
      lexical,
      matches,
      model: dense.embedder.model,
      semantic: dense.embedder.isSemantic,
      partialReason: dense.partialReason,
    };
  }

  private async lexical(
    scope: TenantScope,
    { namespace, query, context, min_score }: SearchRequest,
    { filter, limit }: { filter: Filter | undefined; limit: number },
  ): Promise<Pick<Found, 'matches' | 'lexical'>> {
    const matches = await this.repository.lexical(scope, {
      namespace,
      sentences: splitSentences(query),
      context,
      contextWeight: CONTEXT_SHARE,
      stopLexemes: [...QUERY_STOP_LEXEMES],
      ...exactNames(query),
      filter,
    });
    const least = min_score?.lexical ?? 0;
    return {
      matches,
      lexical: lexicalCandidates(matches, limit).filter(({ score }) => score >= least),
    };
  }

  /** With one model throughout: when it turns out not to be the active one any more, anew. */
  private async dense(
    scope: TenantScope,
    request: SearchRequest,
    options: ArmOptions,
  ): Promise<DenseArm> {
    for (let tries = 1; ; tries += 1) {
      const embedder = this.embedders.active();
      const { activeModel, ...arm } = await this.denseBy(scope, embedder, { request, ...options });
      const isCurrent = activeModel === undefined || activeModel === embedder.model;
      if (isCurrent || tries === MOST_TRIES) return { ...arm, embedder };
      await this.embedders.refresh();
    }
  }

  /**
   * The fresh tail and the index at once. For a sick index all vectors that fit are compared; when
   * more there are, the answer says so.
   */
  private async denseBy(
    scope: TenantScope,
    embedder: Embedder,
    { request, filter, limit, stopwatch }: ArmOptions & { request: SearchRequest },
  ): Promise<Omit<DenseArm, 'embedder'> & { activeModel: string | undefined }> {
    const { namespace, min_score } = request;
    const vector = await this.queryVectors.of(scope, embedder, request);
    stopwatch.lap('embed');
    if (!vector)
      return { hits: [], partialReason: 'embedding-unavailable', activeModel: undefined };
    const { model } = embedder;
    const places = namesTiers(filter) ? [namespace, treePartition(namespace)] : [namespace];
    const found = await Promise.all(
      places.map((place) =>
        this.near(scope, { namespace: place, model, vector, topK: limit, filter }, stopwatch),
      ),
    );
    const least = min_score?.dense ?? -1;
    return {
      hits: found
        .flatMap(({ hits }) => hits)
        .filter(({ score }) => score >= least)
        .sort((a, b) => b.score - a.score || (a.entryId < b.entryId ? -1 : 1)),
      partialReason: found.find((part) => part.partialReason)?.partialReason,
      activeModel: found[0]?.activeModel,
    };
  }

  /** In one partition of the index. */
  private async near(
    scope: TenantScope,
    query: IndexQuery,
    stopwatch: Stopwatch,
  ): Promise<Omit<DenseArm, 'embedder'> & { activeModel: string | undefined }> {
    const { namespace, model, vector, topK, filter } = query;
    const began = stopwatch.elapsedMs;
    const tail = this.tail(scope, { namespace, filter, model });
    const first = this.nearest.find(scope, query, stopwatch);
    const [fresh, early] = await Promise.all([
      tail.then((read) => ({ ...read, late: stopwatch.elapsedMs - began > TAIL_MARGIN_MS })),
      first,
    ]);
    const indexed = fresh.late ? await this.nearest.find(scope, query, stopwatch) : early;
    const hits = new Map<string, DenseHit>();
    for (const hit of compareExactly(vector, fresh.entries, topK)) {
      hits.set(hit.entryId, { ...hit, arm: 'fresh' });
    }
    for (const hit of indexed.hits) {
      if (!hits.has(hit.entryId)) hits.set(hit.entryId, { ...hit, arm: 'dense' });
    }
    return {
      hits: [...hits.values()],
      partialReason: partialReason(indexed.coverage, fresh.cut),
      activeModel: fresh.activeModel,
    };
  }

  /** What the index may not show to a search that began up to the margin before this. */
  private tail(
    scope: TenantScope,
    query: Pick<FreshQuery, 'namespace' | 'filter' | 'model'>,
  ): Promise<FreshTail> {
    const freshForMs = this.index.visibilityLagMs + TAIL_MARGIN_MS;
    return this.repository.fresh(scope, { ...query, freshForMs, freshLimit: MAX_FRESH });
  }
}

function partialReason(coverage: NearestCoverage, freshCut: boolean): PartialReason | undefined {
  if (coverage === 'scanned') return undefined;
  if (coverage === 'scanned-in-part') return 'index-unavailable';
  return freshCut ? 'fresh-tail-too-long' : undefined;
}
