import type { Percentiles } from '../percentiles.ts';
import { percentilesOf } from '../percentiles.ts';
import { SEARCH_TOP_K } from './operation.ts';
import type { WorkItem } from './workload.ts';

export interface Scored {
  /** In the order of the items. */
  position: number;
  /** 0 to 1. */
  score: number;
}

/**
 * The reference every faster search is held against: score = max(0, cosine) x importance, computed
 * by a plain loop over all items, best first. Vectors are L2-normalised, importance is 0 to 1.
 */
export function slowPath(
  items: readonly Pick<WorkItem, 'vector' | 'importance'>[],
  query: Float32Array,
  topK = SEARCH_TOP_K,
): Scored[] {
  const scored = items.map(({ vector, importance }, position) => ({
    position,
    score: Math.max(0, dot(vector, query)) * importance,
  }));
  return scored.sort((a, b) => b.score - a.score || a.position - b.position).slice(0, topK);
}

/** Latencies of the slow path, one per query, after a few that only warm it up. */
export function timeSlowPath(
  items: readonly WorkItem[],
  queries: readonly Float32Array[],
): Percentiles {
  for (const query of queries.slice(0, 5)) slowPath(items, query);
  return percentilesOf(
    queries.map((query) => {
      const begun = performance.now();
      slowPath(items, query);
      return performance.now() - begun;
    }),
  );
}

function dot(a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let index = 0; index < a.length; index++) total += (a[index] ?? 0) * (b[index] ?? 0);
  return total;
}
