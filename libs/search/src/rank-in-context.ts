import { memoryId } from '@soma/core';
import { rankMemories, type RankingOptions } from './ranking/rank.js';
import type { RankingInput } from './ranking/ranking-input.js';
import { RANKING_WITH_MODEL, RANKING_WITHOUT_MODEL } from './ranking/recipes.js';
import { calibrated } from './explanation.schema.js';
import { foundBy, type Scored } from './scored.js';
import type { Found } from './search-arms.js';

/** Ranks by every feature of the ranking core; the sum becomes a score of 0 to 1. */
export function rankInContext(
  input: RankingInput,
  found: Found,
  options: RankingOptions,
): Scored[] {
  const recipe = found.semantic ? RANKING_WITH_MODEL : RANKING_WITHOUT_MODEL;
  const { calibration } = recipe;
  const by = foundBy(found);
  return rankMemories(input, recipe, options).map(({ id, score: sum, explanation }) => {
    const score = calibrated(sum, calibration);
    return {
      id: memoryId(id),
      score,
      explain: () => ({
        recipe: 'context',
        found_by: by.get(memoryId(id)) ?? [{ arm: 'context' }],
        contributions: [...explanation],
        sum,
        calibration: { ...calibration },
        score,
      }),
    };
  });
}
