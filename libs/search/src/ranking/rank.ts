import { type Column, emptyColumn } from './column.js';
import { type Feature, type FeatureWeights, FEATURES } from './feature-names.js';
import { type FeatureTable, featuresOf } from './features.js';
import type { RankingInput } from './ranking-input.js';
import type { RankingRecipe } from './recipes.js';
import { TextCache } from './text-cache.js';

/** One feature's share in a score. */
export interface Contribution {
  readonly feature: Feature;
  /** As measured: BM25 of words, the cosine, a count of lexemes; the value where nothing is scaled. */
  readonly raw: number;
  /** As weighed, about 0 to 1. */
  readonly value: number;
  readonly weight: number;
  readonly contribution: number;
}

export interface RankedMemory {
  readonly id: string;
  /** Of any sign and size: it compares memories of one query only. */
  readonly score: number;
  /** Every feature's share; `recomputeScore` of it is the score. Empty unless asked for. */
  readonly explanation: readonly Contribution[];
}

export interface RankingOptions {
  readonly explain?: boolean;
  /** Kept from query to query it saves most of the time; it never changes a score. */
  readonly cache?: TextCache;
}

/** The candidates, best first; equal scores by id. */
export function rankMemories(
  input: RankingInput,
  recipe: RankingRecipe,
  { explain = false, cache = new TextCache() }: RankingOptions = {},
): RankedMemory[] {
  const table = featuresOf(input, recipe.weights, cache);
  const scores = scoresOf(table, recipe.weights, input.memories.length);
  return input.memories
    .flatMap(({ id, candidate }, position) => {
      if (!candidate) return [];
      const explanation = explain ? explanationOf(table, position, recipe.weights) : [];
      return [{ id, score: scores[position] ?? 0, explanation }];
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

/** Sum of value x weight, in the order given. */
export const recomputeScore = (
  explanation: readonly Pick<Contribution, 'value' | 'weight'>[],
): number => explanation.reduce((sum, { value, weight }) => sum + value * weight, 0);

/** In the order of `recomputeScore`, so that both give the same number to the last bit. */
function scoresOf({ values }: FeatureTable, weights: FeatureWeights, count: number): Column {
  const scores = emptyColumn(count);
  for (const feature of FEATURES) {
    const column = values[feature];
    const weight = weights[feature];
    for (let i = 0; i < count; i++) scores[i] = (scores[i] ?? 0) + (column[i] ?? 0) * weight;
  }
  return scores;
}

function explanationOf(
  { values, raw }: FeatureTable,
  position: number,
  weights: FeatureWeights,
): Contribution[] {
  return FEATURES.map((feature) => {
    const value = values[feature][position] ?? 0;
    const weight = weights[feature];
    const measured = raw[feature]?.[position] ?? value;
    return { feature, raw: measured, value, weight, contribution: value * weight };
  });
}
