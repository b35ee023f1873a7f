import { Injectable } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { type Filter, parseFilter } from '@soma/filter';
import { assembleRankingInput } from './assemble-ranking-input.js';
import { contextOf } from './context-query.js';
import { TextCache } from './ranking/text-cache.js';
import { rankByFusion } from './rank-by-fusion.js';
import { rankInContext } from './rank-in-context.js';
import type { FusionRecipeName, RecipeName } from './recipes.js';
import type { Scored } from './scored.js';
import { type Found, SearchArms } from './search-arms.js';
import { SearchRepository } from './search-repository.js';
import { SearchResults } from './search-results.js';
import type { SearchRequest, SearchResponse } from './search.schema.js';
import { Stopwatch } from './stopwatch.js';

@Injectable()
export class SearchService {
  private readonly texts = new TextCache();

  constructor(
    private readonly arms: SearchArms,
    private readonly repository: SearchRepository,
    private readonly results: SearchResults,
  ) {}

  /**
   * Unites what vectors, words and names find, sees each memory among its surroundings, and ranks by
   * the recipe asked for. Only memories that Postgres has now, in this tenant and passing the
   * filter, are returned.
   */
  async search(scope: TenantScope, request: SearchRequest): Promise<SearchResponse> {
    const stopwatch = new Stopwatch();
    const filter = filterOf(request);
    const found = await this.arms.find(scope, request, filter, stopwatch);
    const ranked = await this.rank(scope, request, { filter, found, stopwatch });
    const chosen = await this.results.choose(scope, request, ranked, this.arms.model);
    stopwatch.lap('rank');
    const read = await this.results.read(scope, request, chosen);
    stopwatch.lap('read');
    return {
      ...read,
      ...stopwatch.figures,
      partial: found.partialReason !== undefined,
      ...(found.partialReason && { partial_reason: found.partialReason }),
    };
  }

  private async rank(
    scope: TenantScope,
    { namespace, query, at, recipe, explain, top_k }: SearchRequest,
    given: { filter: Filter | undefined; found: Found; stopwatch: Stopwatch },
  ): Promise<Scored[]> {
    const { filter, found, stopwatch } = given;
    const fusion = fusionRecipe(recipe, found);
    if (fusion) {
      const ids = new Set<MemoryId>([
        ...found.dense.map(({ memoryId }) => memoryId),
        ...found.lexical.map(({ id }) => id),
      ]);
      const current = await this.repository.current(scope, namespace, [...ids], filter);
      stopwatch.lap('context');
      return rankByFusion(fusion, found, current);
    }
    const moment = at === undefined ? undefined : Date.parse(at);
    const asks = { namespace, filter, at: moment, ...contextOf(found, top_k) };
    const context = await this.repository.context(scope, asks);
    stopwatch.lap('context');
    const input = assembleRankingInput({ text: query, at: moment }, found, context);
    return rankInContext(input, found, { explain, cache: this.texts });
  }
}

/** The recipe without context, if it is one; when no word of the query is known, vectors decide. */
function fusionRecipe(recipe: RecipeName, { matches }: Found): FusionRecipeName | undefined {
  if (recipe !== 'context') return recipe;
  return matches.postings.length === 0 && matches.exact.length === 0 ? 'dense' : undefined;
}

function filterOf({ memory_type, filter }: SearchRequest): Filter | undefined {
  const given = filter === undefined ? undefined : parseFilter(filter);
  if (memory_type === undefined) return given;
  const ofType = parseFilter({ memory_type });
  return given ? { kind: 'and', filters: [ofType, given] } : ofType;
}
