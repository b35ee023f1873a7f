import { Injectable } from '@nestjs/common';
import { HeapCaches, type MemoryId, type TenantScope } from '@soma/core';
import { EncryptedFields } from '@soma/encryption';
import { type Filter, parseFilter } from '@soma/filter';
import { assembleRankingInput } from './assemble-ranking-input.js';
import { contextOf } from './context-query.js';
import { rankByFusion } from './rank-by-fusion.js';
import { rankInContext } from './rank-in-context.js';
import type { FusionRecipeName, RecipeName } from './recipes.js';
import type { Scored } from './scored.js';
import type { Found } from './search-arms.js';
import type { SearchRepository } from './search-repository.js';
import { SearchedMemories } from './searched-memories.js';
import type { SearchNote, SearchRequest, SearchResponse } from './search.schema.js';
import { Stopwatch } from './stopwatch.js';
import { TenantTexts } from './tenant-texts.js';

@Injectable()
export class SearchService {
  private readonly texts: TenantTexts;

  constructor(
    private readonly searched: SearchedMemories,
    private readonly encrypted: EncryptedFields,
    caches: HeapCaches,
  ) {
    this.texts = caches.add(new TenantTexts());
  }

  /**
   * Unites what vectors, words and names find, sees each memory among its surroundings, and ranks by
   * the recipe asked for. Only memories that Postgres has now, in this tenant and passing the
   * filter, are returned; of a moment asked for, as they were then.
   */
  async search(scope: TenantScope, request: SearchRequest): Promise<SearchResponse> {
    scope.assertNamespace(request.namespace);
    const stopwatch = new Stopwatch();
    const filter = filterOf(request);
    await this.encrypted.assertFilterable(scope, filter);
    if (request.recipe === 'lexical') await this.encrypted.assertWordsAreSearched(scope);
    const { arms, repository, results } = await this.searched.of(scope, request, filter);
    const found = await arms.find(scope, request, filter, stopwatch);
    const ranked = await this.rank(scope, request, { repository, filter, found, stopwatch });
    const chosen = await results.choose(scope, request, ranked, found.model);
    stopwatch.lap('rank');
    const read = await results.read(scope, request, chosen);
    stopwatch.lap('read');
    const notes = await this.notes(scope, request);
    return {
      ...read,
      ...stopwatch.figures,
      partial: found.partialReason !== undefined,
      ...(found.partialReason && { partial_reason: found.partialReason }),
      ...(notes.length > 0 && { notes }),
    };
  }

  private async notes(scope: TenantScope, { recipe }: SearchRequest): Promise<SearchNote[]> {
    const wantsWords = recipe !== 'dense';
    return wantsWords && (await this.encrypted.hidesContent(scope)) ? ['content-encrypted'] : [];
  }

  private async rank(
    scope: TenantScope,
    { namespace, query, at, recipe, explain, top_k }: SearchRequest,
    given: {
      repository: SearchRepository;
      filter: Filter | undefined;
      found: Found;
      stopwatch: Stopwatch;
    },
  ): Promise<Scored[]> {
    const { repository, filter, found, stopwatch } = given;
    const fusion = fusionRecipe(recipe, found);
    if (fusion) {
      const ids = new Set<MemoryId>([
        ...found.dense.map(({ memoryId }) => memoryId),
        ...found.lexical.map(({ id }) => id),
      ]);
      const asked = { namespace, filter, model: found.model };
      const current = await repository.current(scope, asked, [...ids]);
      stopwatch.lap('context');
      return rankByFusion(fusion, found, current);
    }
    const moment = at === undefined ? undefined : Date.parse(at);
    const asks = { namespace, filter, at: moment, ...contextOf(found, top_k) };
    const context = await repository.context(scope, asks);
    stopwatch.lap('context');
    const input = assembleRankingInput({ text: query, at: moment }, found, context);
    return rankInContext(input, found, { explain, cache: this.texts.of(scope) });
  }
}

/** The recipe without context, if it is one; when no word of the query is known, vectors decide. */
function fusionRecipe(recipe: RecipeName, { matches }: Found): FusionRecipeName | undefined {
  if (recipe !== 'context') return recipe;
  return matches.postings.length === 0 && matches.exact.length === 0 ? 'dense' : undefined;
}

function filterOf({ memory_type, min_trust, filter }: SearchRequest): Filter | undefined {
  const filters: Filter[] = [];
  if (memory_type !== undefined) filters.push(parseFilter({ memory_type }));
  if (min_trust !== undefined) filters.push(parseFilter({ trust: { gte: min_trust } }));
  if (filter !== undefined) filters.push(parseFilter(filter));
  return filters.length > 1 ? { kind: 'and', filters } : filters[0];
}
