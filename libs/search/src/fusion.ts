import type { Explanation } from './explanation.schema.js';
import type { Normalisation } from './recipes.js';

/** A candidate of one arm; raw scores of different arms are not comparable. */
export interface Candidate<Id> {
  readonly id: Id;
  readonly score: number;
}

export interface WeightedArm<Id> {
  readonly name: string;
  readonly weight: number;
  /** Best first. */
  readonly candidates: readonly Candidate<Id>[];
}

export interface Fused<Id> extends Candidate<Id> {
  readonly contributions: Explanation['contributions'];
}

/** Rank constant of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009). */
const RANK_CONSTANT = 60;

/**
 * The union of all arms, best first: weight x value, summed. A value is the share of the arm's best
 * score (negative ones count 0), or (60 + 1) / (60 + rank), or the score itself. An id missing from
 * an arm counts 0 there. Equal scores are ordered by id. With weights that sum to 1 and scores not
 * above 1 as they are, the result is 0 to 1.
 */
export function fuse<Id extends string>(
  arms: readonly WeightedArm<Id>[],
  normalisation: Normalisation,
): Fused<Id>[] {
  const found = new Map<Id, { score: number; contributions: Explanation['contributions'] }>();
  for (const { name, weight, candidates } of arms) {
    const valueOf = normaliser(candidates, normalisation);
    candidates.forEach(({ id, score: raw }, place) => {
      const value = valueOf(raw, place + 1);
      const entry = found.get(id) ?? { score: 0, contributions: [] };
      entry.score += value * weight;
      entry.contributions.push({ feature: name, raw, value, weight, contribution: value * weight });
      found.set(id, entry);
    });
  }
  return [...found]
    .map(([id, entry]) => ({ id, ...entry }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1));
}

function normaliser<Id>(
  candidates: readonly Candidate<Id>[],
  normalisation: Normalisation,
): (score: number, rank: number) => number {
  const best = candidates.reduce((most, { score }) => Math.max(most, score), 0);
  switch (normalisation) {
    case 'share-of-best':
      return (score) => (best > 0 ? Math.max(0, score) / best : 0);
    case 'reciprocal-rank':
      return (_score, rank) => (RANK_CONSTANT + 1) / (RANK_CONSTANT + rank);
    case 'as-is':
      return (score) => Math.max(0, score);
  }
}
