import { Logger } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type IndexHit,
  type IndexQuery,
  isIndexOutage,
  type VectorIndex,
} from '@soma/vector-index';
import { BulkheadRejectedError, TaskCancelledError } from 'cockatiel';
import { ExactScan } from './exact-scan.js';
import type { SearchRepository } from './search-repository.js';
import type { Stopwatch } from './stopwatch.js';

/** Without the index, vectors are compared by this time after the search began, or not at all. */
const SCANNED_BY_MS = 1_500;
/** Left to the scan even when the index took all the time there was. */
const LEAST_SCAN_MS = 200;

/** The index answered; or it did not, and all vectors were compared, or only some of them. */
export type NearestCoverage = 'indexed' | 'scanned' | 'scanned-in-part';

export interface Nearest {
  readonly hits: readonly IndexHit[];
  readonly coverage: NearestCoverage;
}

/** The entries near a vector: by the index, or for a sick index by comparing what fits. */
export class NearestEntries {
  private readonly logger = new Logger(NearestEntries.name);
  private readonly scan: ExactScan;

  constructor(
    private readonly index: VectorIndex,
    repository: Pick<SearchRepository, 'fresh'>,
  ) {
    this.scan = new ExactScan(repository);
  }

  async find(scope: TenantScope, query: IndexQuery, stopwatch: Stopwatch): Promise<Nearest> {
    try {
      return { hits: await this.index.search(scope, query), coverage: 'indexed' };
    } catch (error) {
      const level = isIndexOutage(error) ? 'debug' : 'warn';
      this.logger[level]({ err: error }, 'The vector index did not answer; searching without it');
    }
    const budgetMs = Math.max(LEAST_SCAN_MS, SCANNED_BY_MS - stopwatch.elapsedMs);
    return this.compare(scope, query, budgetMs);
  }

  private async compare(scope: TenantScope, query: IndexQuery, budgetMs: number): Promise<Nearest> {
    try {
      const { hits, isComplete } = await this.scan.search(scope, query, budgetMs);
      return { hits, coverage: isComplete ? 'scanned' : 'scanned-in-part' };
    } catch (error) {
      if (!(error instanceof TaskCancelledError || error instanceof BulkheadRejectedError)) {
        throw error;
      }
      this.logger.debug('Vectors were not compared: too many searches without the index at once');
      return { hits: [], coverage: 'scanned-in-part' };
    }
  }
}
