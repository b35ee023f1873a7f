import { Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import { invalidItem, itemErrorOf } from '@soma/memory';
import type { SearchBatch, SearchBatchResult } from './search-batch.schema.js';
import { searchRequestSchema } from './search.schema.js';
import { SearchService } from './search.service.js';
import { Stopwatch } from './stopwatch.js';

/** Of one batch; the rest wait, so that a batch does not take the database from everybody else. */
const AT_ONCE = 4;

type Result = SearchBatchResult['results'][number];

@Injectable()
export class SearchBatchService {
  constructor(private readonly searching: SearchService) {}

  /** Each search as if it had been asked alone, with its own answer or error, in order. */
  async search(scope: TenantScope, { searches }: SearchBatch): Promise<SearchBatchResult> {
    const stopwatch = new Stopwatch();
    const results: Result[] = [];
    const waiting = searches.entries();
    const work = async (): Promise<void> => {
      for (const [index, search] of waiting) results[index] = await this.one(scope, index, search);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return { results, took_ms: stopwatch.figures.took_ms };
  }

  private async one(scope: TenantScope, index: number, search: unknown): Promise<Result> {
    try {
      const request = searchRequestSchema.safeParse(search);
      if (!request.success) {
        throw invalidItem('The search is not valid; see errors.', request.error);
      }
      return { index, status: 200, answer: await this.searching.search(scope, request.data) };
    } catch (error) {
      if (!(error instanceof SomaError)) throw error;
      return { index, status: error.status, error: itemErrorOf(error) };
    }
  }
}
