import { type Estimate, estimate } from './bootstrap.js';
import { measuresFor, type Scorecard } from './scorecard.js';

/** By how much a recipe is better (or worse, below 0) than the first one, query by query. */
export interface Difference {
  readonly recipe: string;
  readonly against: string;
  /** Queries that both answered. */
  readonly queries: number;
  readonly measures: Readonly<Record<string, Estimate>>;
}

/** Paired differences: an interval that does not hold 0 is more than the luck of the queries. */
export function differences(cards: readonly Scorecard[], k: number): Difference[] {
  const [base, ...others] = cards;
  if (!base) return [];
  const placesAt = new Map(base.per_query.map(({ line, places }) => [line, places]));
  return others.map((other) => {
    const pairs = other.per_query.flatMap(({ line, places }) => {
      const before = placesAt.get(line);
      return before ? [{ before, places }] : [];
    });
    const measures = Object.entries(measuresFor(k)).map(([name, measure]) => [
      name,
      estimate(pairs.map(({ before, places }) => measure(places) - measure(before))),
    ]);
    return {
      recipe: other.recipe,
      against: base.recipe,
      queries: pairs.length,
      measures: pairs.length === 0 ? {} : (Object.fromEntries(measures) as Difference['measures']),
    };
  });
}
