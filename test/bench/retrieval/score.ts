import type { Query } from './dataset.ts';
import { meanOf, measure } from './metrics.ts';
import type { Measures, Score } from './metrics.ts';

/** Best first, per query id. */
export type Rankings = ReadonlyMap<string, readonly string[]>;

export interface Scores {
  overall: Score;
  /** Categories in alphabetical order. */
  by_category: Record<string, Score>;
}

/** Scores a run over all queries and by category; a query without a ranking found nothing. */
export function scoreRun(queries: readonly Query[], rankings: Rankings): Scores {
  const byCategory = new Map<string, Measures[]>();
  const all = queries.map((query) => {
    const measures = measure(rankings.get(query.id) ?? [], query.gold);
    byCategory.set(query.category, [...(byCategory.get(query.category) ?? []), measures]);
    return measures;
  });
  const categories = [...byCategory.keys()].sort();
  return {
    overall: meanOf(all),
    by_category: Object.fromEntries(
      categories.map((category) => [category, meanOf(byCategory.get(category) ?? [])]),
    ),
  };
}

/** A run in the judge's format: one `{"qid", "ranked"}` a line. */
export function runFile(rankings: Rankings): string {
  return [...rankings].map(([qid, ranked]) => `${JSON.stringify({ qid, ranked })}\n`).join('');
}
