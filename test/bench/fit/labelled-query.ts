/** One query's candidates, each by all its features, and which of them are evidence. */
export interface LabelledQuery {
  readonly set: string;
  readonly namespace: string;
  readonly candidates: number;
  /** Feature by feature: that of number f of candidate i is at f x candidates + i. */
  readonly values: Float32Array;
  /** Positions of the evidence among the candidates. */
  readonly evidence: readonly number[];
  /** How much evidence there is, with what is no candidate and so cannot be found. */
  readonly wanted: number;
}

/** A query and how much it counts. */
export interface Weighted {
  readonly query: LabelledQuery;
  readonly weight: number;
}

/** One weight per feature, by position. */
export type Weights = Float64Array;

/** Each candidate's weighted sum. */
export function sumsOf({ candidates, values }: LabelledQuery, weights: Weights): Float64Array {
  const sums = new Float64Array(candidates);
  for (let f = 0; f < weights.length; f++) {
    const weight = weights[f]!;
    if (weight === 0) continue;
    const offset = f * candidates;
    for (let i = 0; i < candidates; i++) sums[i] = sums[i]! + weight * values[offset + i]!;
  }
  return sums;
}

/** Positions of the best sums, best first; equal sums keep the order of the candidates. */
export function bestOf(sums: Float64Array, count = sums.length): number[] {
  return [...sums.keys()].sort((a, b) => sums[b]! - sums[a]! || a - b).slice(0, count);
}

/**
 * Shares a set's weight among its queries, so that a set counts as much as it is told to however
 * many queries it has: the weights of all queries of a set sum to that of the set.
 */
export function weighted(
  queries: readonly LabelledQuery[],
  ofSet: ReadonlyMap<string, number>,
): Weighted[] {
  const sizes = new Map<string, number>();
  for (const { set } of queries) sizes.set(set, (sizes.get(set) ?? 0) + 1);
  return queries.map((query) => ({
    query,
    weight: (ofSet.get(query.set) ?? 1) / (sizes.get(query.set) ?? 1),
  }));
}

/** For each feature, whether it tells any two candidates of one query apart. */
export function varying(queries: readonly LabelledQuery[], features: number): boolean[] {
  return Array.from({ length: features }, (_, f) =>
    queries.some(({ values, candidates }) => {
      const column = values.subarray(f * candidates, (f + 1) * candidates);
      return column.some((value) => value !== column[0]);
    }),
  );
}
