import { meanOf, measure } from '../retrieval/metrics.ts';
import type { Measures, Score } from '../retrieval/metrics.ts';
import { bestOf, sumsOf } from './labelled-query.ts';
import type { LabelledQuery, Weights } from './labelled-query.ts';

/** As deep as any measure looks. */
const DEPTH = 100;

/** One query ranked by these weights; evidence that is no candidate counts as not found. */
export function measureQuery(query: LabelledQuery, weights: Weights): Measures {
  const ranked = bestOf(sumsOf(query, weights), DEPTH).map(String);
  const missing = query.wanted - query.evidence.length;
  const gold = [
    ...query.evidence.map(String),
    ...Array.from({ length: missing }, (_, i) => `missing ${i}`),
  ];
  return measure(ranked, gold);
}

/** Means by a key of the query, such as its set. */
export function scoresBy(
  queries: readonly LabelledQuery[],
  weightsOf: (query: LabelledQuery) => Weights,
  key: (query: LabelledQuery) => string,
): Record<string, Score> {
  const measured = new Map<string, Measures[]>();
  for (const query of queries) {
    const list = measured.get(key(query)) ?? [];
    measured.set(key(query), list);
    list.push(measureQuery(query, weightsOf(query)));
  }
  return Object.fromEntries([...measured].map(([name, list]) => [name, meanOf(list)]));
}

/** The share of evidence that is among the candidates at all, by set: no ranking finds more. */
export function reach(queries: readonly LabelledQuery[]): Record<string, number> {
  const sets = Map.groupBy(queries, ({ set }) => set);
  return Object.fromEntries(
    [...sets].map(([set, list]) => [
      set,
      list.reduce((sum, { evidence, wanted }) => sum + evidence.length / wanted, 0) / list.length,
    ]),
  );
}
