import { type Feature, type FeatureWeights, FEATURES } from './feature-names.js';
import { type FeatureTable, featuresOf } from './features.js';
import type { RankingInput } from './ranking-input.js';
import type { RankingRecipe } from './recipes.js';

/** One feature's share in a score. */
export interface Contribution {
  readonly feature: Feature;
  readonly value: number;
  readonly weight: number;
  readonly contribution: number;
}

export interface RankedMemory {
  readonly id: string;
  /** Of any sign and size: it compares memories of one query only. */
  readonly score: number;
  /** Every feature's share; `recomputeScore` of it is the score. */
  readonly explanation: readonly Contribution[];
}

/** The candidates, best first; equal scores by id. */
export function rankMemories(input: RankingInput, recipe: RankingRecipe): RankedMemory[] {
  const table = featuresOf(input, recipe.firstPass);
  return input.memories
    .flatMap(({ id, candidate }, position) => {
      if (!candidate) return [];
      const explanation = explain(table, position, recipe.weights);
      return [{ id, score: recomputeScore(explanation), explanation }];
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

/** Sum of value x weight, in the order given. */
export const recomputeScore = (
  explanation: readonly Pick<Contribution, 'value' | 'weight'>[],
): number => explanation.reduce((sum, { value, weight }) => sum + value * weight, 0);

function explain(table: FeatureTable, position: number, weights: FeatureWeights): Contribution[] {
  return FEATURES.map((feature) => {
    const value = table[feature][position] ?? 0;
    const weight = weights[feature];
    return { feature, value, weight, contribution: value * weight };
  });
}
