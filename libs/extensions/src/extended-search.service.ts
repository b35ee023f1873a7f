import { Inject, Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { parseFilter } from '@soma/filter';
import { jsonObjectSchema } from '@soma/memory';
import {
  type SearchRequest,
  type SearchResponse,
  type SearchResult,
  SearchService,
  TokenCounter,
} from '@soma/search';
import { z } from 'zod';
import { Extensions } from './extensions.js';
import { heeded } from './store-hooks.js';

const narrowingSchema = z.strictObject({ filter: jsonObjectSchema });
const reviewSchema = z.strictObject({
  keep: z.array(z.uuid()).optional(),
  annotations: z.record(z.uuid(), jsonObjectSchema).optional(),
});

interface Recalled {
  readonly request: SearchRequest;
  readonly memories: readonly SearchResult[];
}

/** Searches, alone, in batches and for contexts: narrowed before, reviewed after. */
@Injectable()
export class ExtendedSearchService extends SearchService {
  @Inject(Extensions) private readonly extensions!: Extensions;
  @Inject(TokenCounter) private readonly counter!: TokenCounter;

  override async search(scope: TenantScope, request: SearchRequest): Promise<SearchResponse> {
    scope.assertNamespace(request.namespace);
    const narrowed = await this.extensions.before('beforeRecall', scope, request, narrowedBy);
    const answer = await super.search(scope, narrowed);
    const found: Recalled = { request, memories: answer.memories };
    const { memories } = await this.extensions.review('afterRecall', scope, found, reviewed);
    if (memories === answer.memories) return answer;
    return { ...answer, ...(await this.shown(answer, memories)) };
  }

  private async shown({ tokens }: SearchResponse, memories: readonly SearchResult[]) {
    if (tokens === undefined) return { memories: [...memories] };
    const count = await this.counter.load();
    const sum = memories.reduce((total, { content }) => total + count(content), 0);
    return { memories: [...memories], tokens: sum };
  }
}

/** A filter beside the client's: what passes both passed the client's. */
function narrowedBy(request: SearchRequest, answer: unknown): SearchRequest {
  const { filter } = narrowingSchema.parse(heeded(answer));
  parseFilter(filter);
  const { filter: own } = request;
  return { ...request, filter: own === undefined ? filter : { and: [own, filter] } };
}

function reviewed({ request, memories }: Recalled, answer: unknown, extension: string): Recalled {
  const { keep, annotations = {} } = reviewSchema.parse(answer);
  const kept = keep && new Set(keep);
  const known = new Set(memories.map(({ id }) => id));
  const added = [...(keep ?? []), ...Object.keys(annotations)].find((id) => !known.has(id));
  if (added !== undefined) throw new Error('afterRecall names a memory that was not found.');
  return {
    request,
    memories: memories.flatMap((memory): SearchResult[] => {
      if (kept && !kept.has(memory.id)) return [];
      const note = annotations[memory.id];
      if (!note) return [memory];
      return [{ ...memory, annotations: { ...memory.annotations, [extension]: note } }];
    }),
  };
}
