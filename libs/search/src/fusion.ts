/** A candidate of one arm; raw scores of different arms are not comparable. */
export interface Candidate<Id> {
  readonly id: Id;
  readonly score: number;
}

export interface WeightedArm<Id> {
  readonly weight: number;
  readonly candidates: readonly Candidate<Id>[];
}

/**
 * The union of all arms, best first: each arm's scores are divided by the arm's best, negative ones
 * count as 0, and summed by weight. An id missing from an arm counts 0 there. Equal scores are
 * ordered by id. With weights that sum to 1 the result is 0 to 1.
 */
export function fuse<Id extends string>(arms: readonly WeightedArm<Id>[]): Candidate<Id>[] {
  const sums = new Map<Id, number>();
  for (const { weight, candidates } of arms) {
    const best = candidates.reduce((most, { score }) => Math.max(most, score), 0);
    for (const { id, score } of candidates) {
      const share = best > 0 ? Math.max(0, score) / best : 0;
      sums.set(id, (sums.get(id) ?? 0) + weight * share);
    }
  }
  return [...sums]
    .map(([id, score]) => ({ id, score }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1));
}
