import type { TenantScope } from '@soma/core';
import { diversify } from './diversity.js';
import type { Scored } from './scored.js';
import type { SearchRepository } from './search-repository.js';
import type { SearchRequest, SearchResponse, SearchResult } from './search.schema.js';
import { withinTokens } from './token-budget.js';
import type { TokenCounter } from './token-counter.js';

/** Of so many for each result wanted, and at most so many, the unlike ones are picked. */
const CHOICE = 5;
const MOST_CHOICE = 500;

/** Picks from a ranking what the request wants of it, and reads that. */
export class SearchResults {
  constructor(
    private readonly repository: SearchRepository,
    private readonly tokens: TokenCounter,
  ) {}

  /** Those that score enough, in the order asked for. */
  async choose(
    scope: TenantScope,
    { top_k, diversity, min_score }: SearchRequest,
    ranked: readonly Scored[],
    model: string,
  ): Promise<Scored[]> {
    const least = min_score?.final ?? 0;
    const enough = ranked.filter(({ score }) => score >= least);
    if (diversity === 0) return enough.slice(0, top_k);
    const choice = enough.slice(0, Math.min(MOST_CHOICE, top_k * CHOICE));
    const vectors = await this.repository.vectors(
      scope,
      choice.map(({ id }) => id),
      model,
    );
    const candidates = choice.map((scored) => ({
      id: scored,
      score: scored.score,
      vector: vectors.get(scored.id),
    }));
    return diversify(candidates, diversity, top_k);
  }

  /**
   * The memories as they are now; one deleted this very moment is left out. With a token budget, up
   * to the first whose content no longer fits.
   */
  async read(
    scope: TenantScope,
    { explain, max_tokens }: SearchRequest,
    chosen: readonly Scored[],
  ): Promise<Pick<SearchResponse, 'memories' | 'tokens'>> {
    const stored = await this.repository.memories(
      scope,
      chosen.map(({ id }) => id),
    );
    const byId = new Map(stored.map((memory) => [memory.id, memory]));
    const memories = chosen.flatMap((scored): SearchResult[] => {
      const memory = byId.get(scored.id);
      if (!memory) return [];
      const { score } = scored;
      return [{ ...memory, score, ...(explain && { explanation: scored.explain() }) }];
    });
    if (max_tokens === undefined) return { memories };
    const count = await this.tokens.load();
    const contents = memories.map(({ content }) => content);
    const { fitting, tokens } = withinTokens(contents, max_tokens, count);
    return { memories: memories.slice(0, fitting), tokens };
  }
}
