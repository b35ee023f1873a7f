import type { TenantScope } from '@soma/core';
import { type IndexHit, type IndexQuery, rankExactly } from '@soma/vector-index';
import { bulkhead, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import type { FreshEntry, SearchRepository } from './search-repository.js';

/** Entries of a namespace that one scan reads; more are not worth the wait. */
export const MAX_SCANNED = 20_000;
/** Each may hold the vectors of a whole namespace. */
const SCANS_AT_ONCE = 2;
const SCANS_WAITING = 32;

export interface ExactAnswer {
  /** Best first. */
  readonly hits: readonly IndexHit[];
  /** Every entry that passes was compared: nothing is missing. */
  readonly isComplete: boolean;
}

/** The entries nearest to a vector, best first. */
export function compareExactly(
  vector: Float32Array,
  entries: readonly FreshEntry[],
  topK: number,
): IndexHit[] {
  const items = entries.map((entry) => ({ key: entry.entryId, vector: entry.vector, entry }));
  return rankExactly(vector, items, topK).map(({ item: { entry }, score }) => ({
    entryId: entry.entryId,
    memoryId: entry.memoryId,
    score,
  }));
}

/** Nearest neighbours without an index: by comparing the vectors that Postgres has. */
export class ExactScan {
  private readonly slots = bulkhead(SCANS_AT_ONCE, SCANS_WAITING);

  constructor(private readonly repository: Pick<SearchRepository, 'fresh'>) {}

  /**
   * Compares as many entries as fit.
   * @throws when they are not read within `budgetMs`; the reading goes on, and the next is quicker.
   */
  search(
    scope: TenantScope,
    { vector, topK, ...query }: IndexQuery,
    budgetMs: number,
  ): Promise<ExactAnswer> {
    const inTime = wrap(timeout(budgetMs, TimeoutStrategy.Aggressive), this.slots);
    return inTime.execute(async () => {
      const { entries, cut } = await this.repository.fresh(scope, {
        ...query,
        freshLimit: MAX_SCANNED,
      });
      return { hits: compareExactly(vector, entries, topK), isComplete: !cut };
    });
  }
}
