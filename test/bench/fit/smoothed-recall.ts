import { bestOf, sumsOf } from './labelled-query.ts';
import type { LabelledQuery, Weighted, Weights } from './labelled-query.ts';
import type { Objective } from './lbfgs.ts';

/** The sum to beat for a place in the ten: the mean of the 8th to 12th of what is not evidence. */
const BAND = [7, 12] as const;
/** What is further down at the start does not come near the tenth place. */
const CONTENDERS = 80;

export interface RecallOptions {
  readonly free: readonly boolean[];
  /** How far around the tenth place a piece of evidence still feels a pull, in units of the sum. */
  readonly temperature: number;
}

/**
 * Recall@10 made smooth, to be maximised: the mean over queries of the share of evidence, each
 * piece counting 1 / (1 + e^-((sum - bar) / temperature)), where `bar` is the sum to beat. Queries
 * with too few candidates to fill the ten, or without evidence among them, say nothing.
 */
export function smoothedRecall(
  training: readonly Weighted[],
  { free, temperature }: RecallOptions,
): Objective {
  const telling = training.filter(
    ({ query: { candidates, evidence } }) =>
      evidence.length > 0 && candidates - evidence.length >= BAND[1],
  );
  const total = telling.reduce((sum, { weight }) => sum + weight, 0);
  return (weights) => {
    const gradient = new Float64Array(weights.length);
    let value = 0;
    for (const { query, weight } of telling) {
      const { values, candidates, evidence, wanted } = query;
      const share = weight / total / wanted;
      const sums = sumsOf(query, weights);
      const band = bandOf(query, sums);
      const bar = band.reduce((sum, i) => sum + sums[i]!, 0) / band.length;
      const within = evidence.map((i) => 1 / (1 + Math.exp((bar - sums[i]!) / temperature)));
      const pulls = within.map((part) => (part * (1 - part)) / temperature);
      const pull = pulls.reduce((a, b) => a + b, 0);
      value += share * within.reduce((a, b) => a + b, 0);
      for (let f = 0; f < weights.length; f++) {
        if (!free[f]) continue;
        const offset = f * candidates;
        let up = 0;
        for (const [k, i] of evidence.entries()) up += pulls[k]! * values[offset + i]!;
        let down = 0;
        for (const i of band) down += values[offset + i]!;
        gradient[f] = gradient[f]! + share * (up - (pull * down) / band.length);
      }
    }
    return { value, gradient };
  };
}

function bandOf({ evidence }: LabelledQuery, sums: Float64Array): number[] {
  const wanted = new Set(evidence);
  return bestOf(sums, BAND[1] + wanted.size)
    .filter((i) => !wanted.has(i))
    .slice(...BAND);
}

/** The same queries with their evidence and the best other candidates only. */
export function contenders(training: readonly Weighted[], weights: Weights): Weighted[] {
  return training.map(({ query, weight }) => {
    if (query.candidates <= CONTENDERS) return { query, weight };
    const best = bestOf(sumsOf(query, weights), CONTENDERS);
    return { query: kept(query, [...new Set([...best, ...query.evidence])]), weight };
  });
}

function kept(query: LabelledQuery, positions: readonly number[]): LabelledQuery {
  const { candidates } = query;
  const features = candidates === 0 ? 0 : query.values.length / candidates;
  const values = new Float32Array(features * positions.length);
  for (let f = 0; f < features; f++) {
    for (const [to, from] of positions.entries()) {
      values[f * positions.length + to] = query.values[f * candidates + from]!;
    }
  }
  const evidence = query.evidence.map((position) => positions.indexOf(position));
  return { ...query, candidates: positions.length, values, evidence };
}
