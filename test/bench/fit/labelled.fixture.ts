import { Random } from '../operations/random.ts';
import type { LabelledQuery } from './labelled-query.ts';

export interface Shape {
  queries: number;
  candidates: number;
  features: number;
  set?: string;
  namespace?: string;
}

/** Queries with random values from 0 to 1; the evidence is what `hidden` weights rank first. */
export function labelledQueries(
  seed: number,
  { queries, candidates, features, set = 'set', namespace = 'space' }: Shape,
  hidden: readonly number[] = [],
): LabelledQuery[] {
  const random = new Random(seed);
  return Array.from({ length: queries }, () => {
    const values = Float32Array.from({ length: candidates * features }, () => random.next());
    const sums = Array.from({ length: candidates }, (_, i) =>
      hidden.reduce((sum, weight, f) => sum + weight * values[f * candidates + i]!, 0),
    );
    const best = sums.indexOf(Math.max(...sums));
    const evidence = hidden.length > 0 ? [best] : [...new Set([0, random.below(candidates)])];
    return { set, namespace, candidates, values, evidence, wanted: evidence.length };
  });
}

/** Central differences of a function of several numbers. */
export function slopes(value: (point: Float64Array) => number, at: Float64Array): number[] {
  const h = 1e-5;
  return [...at.keys()].map((f) => {
    const moved = (by: number) => value(at.map((x, i) => (i === f ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}
