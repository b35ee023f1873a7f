import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import { MemoryAncestry } from './memory-ancestry.js';
import type { ContextRequest, ContextResponse } from './memory-context.schema.js';
import { packMemories } from './packing/pack-memories.js';
import type { PackedPart, PackItem } from './packing/pack-item.js';
import type { SearchResponse, SearchResult } from './search.schema.js';
import { SearchService } from './search.service.js';
import { Stopwatch } from './stopwatch.js';
import { TokenCounter } from './token-counter.js';
import { z } from 'zod';

/** Memories that compete for a place: more of them the larger the budget is. Ranking is better among many. */
const FEWEST_CANDIDATES = 200;
const MOST_CANDIDATES = 500;
/** Short memories have about so many tokens, so that a budget has room for no more of them. */
const TOKENS_OF_A_SHORT_LINE = 12;
/** Text looked at for one context; beyond it the memories that score least stay out. */
const READ_CHARACTERS = 400_000;
const READ_CHARACTERS_PER_TOKEN = 8;

@Injectable()
export class MemoryContextService {
  constructor(
    private readonly searching: SearchService,
    private readonly ancestry: MemoryAncestry,
    private readonly tokens: TokenCounter,
  ) {}

  /**
   * What a search finds, as one text under a budget of tokens, each line citing the memories it
   * comes from. Sees what that search would, no more: this tenant, this namespace, the filter.
   */
  async pack(scope: TenantScope, request: ContextRequest): Promise<ContextResponse> {
    const stopwatch = new Stopwatch();
    const found = await this.searching.search(scope, searchOf(request));
    stopwatch.lap('read');
    const items = withinReach(found.memories.map(itemOf), request.max_tokens);
    const above = await this.above(scope, items);
    const { text, tokens, parts } = packMemories(items, packingOf(request), {
      count: await this.tokens.load(),
      ancestorsOf: (id) => above.get(memoryId(id)) ?? [],
    });
    stopwatch.lap('pack');
    const citations = parts.flatMap(citationsOf);
    return {
      text,
      tokens,
      budget: request.max_tokens,
      parts: parts.map(({ ids, ...part }) => ({
        ...part,
        memory_ids: [...ids],
        cites: [...part.cites],
      })),
      citations,
      left_out: found.memories.length - citations.length,
      ...reportOf(found, stopwatch),
    };
  }

  private async above(scope: TenantScope, items: readonly PackItem[]) {
    // All digests are of tier 1 or above.
    if (items.every(({ tier }) => tier === 0)) return new Map<MemoryId, ReadonlySet<MemoryId>>();
    return this.ancestry.ancestorsAmong(
      scope,
      items.map(({ id }) => memoryId(id)),
    );
  }
}

function searchOf(request: ContextRequest): Parameters<SearchService['search']>[1] {
  const { query, context, namespace, memory_type, at, recipe, min_score } = request;
  const fitting = Math.ceil(request.max_tokens / TOKENS_OF_A_SHORT_LINE);
  return {
    query,
    context,
    namespace,
    memory_type,
    filter: request.tiers === 'all' ? ofAnyTier(request.filter) : request.filter,
    at,
    recipe,
    min_score: min_score === undefined ? undefined : { final: min_score },
    top_k: Math.min(MOST_CANDIDATES, Math.max(FEWEST_CANDIDATES, fitting)),
    explain: false,
    diversity: 0,
  };
}

/** Digests are found only by a search that asks about tiers. */
const ofAnyTier = (filter: ContextRequest['filter']): ContextRequest['filter'] =>
  filter === undefined ? { tier: { gte: 0 } } : { and: [filter, { tier: { gte: 0 } }] };

const packingOf = ({ query, max_tokens, format, order, citations, whole }: ContextRequest) => ({
  query,
  maxTokens: max_tokens,
  format,
  order,
  citations,
  whole,
});

function itemOf(memory: SearchResult): PackItem {
  const { id, content, speaker, score, tier, occurred_at, created_at, payload } = memory;
  const at = occurred_at ?? created_at;
  const span = tier > 0 ? toldSpan.safeParse(payload).data : undefined;
  return {
    id,
    content,
    speaker: speaker ?? undefined,
    score,
    tier,
    ...(span && span.from <= span.to ? span : { from: at, to: at }),
  };
}

/** A digest's payload says from when to when it tells. */
const inUtc = z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString());
const toldSpan = z.object({ episodes: z.number(), from: inUtc, to: inUtc });

/** The best that are not too much to read together, and the first in any case. */
function withinReach(items: readonly PackItem[], maxTokens: number): PackItem[] {
  let left = READ_CHARACTERS + maxTokens * READ_CHARACTERS_PER_TOKEN;
  return items.filter(({ content }, at) => {
    left -= content.length;
    return left >= 0 || at === 0;
  });
}

const citationsOf = ({ cites, ids }: PackedPart): ContextResponse['citations'] =>
  ids.map((id, at) => ({ cite: cites[at] ?? id, memory_id: id }));

function reportOf(
  { partial, partial_reason, notes, stages_ms }: SearchResponse,
  stopwatch: Stopwatch,
): Pick<ContextResponse, 'took_ms' | 'stages_ms' | 'partial' | 'partial_reason' | 'notes'> {
  const { took_ms, stages_ms: own } = stopwatch.figures;
  return {
    took_ms,
    stages_ms: { ...stages_ms, pack: own.pack },
    partial,
    ...(partial_reason && { partial_reason }),
    ...(notes && { notes }),
  };
}
