import { z } from 'zod';
import { recomputeScore } from './ranking/rank.js';
import type { Calibration } from './ranking/recipes.js';
import { RECIPE_NAMES } from './recipes.js';

export const ARMS = ['dense', 'fresh', 'lexical', 'exact', 'context'] as const;
/** dense: the index; fresh: an exact scan of what it may not show yet; context: a neighbour or link. */
export type Arm = (typeof ARMS)[number];

const contributionSchema = z.object({
  feature: z.string().describe('What is weighed; docs/retrieval.md says what each means.'),
  raw: z.number().describe('As measured: a BM25 score, a cosine, a count.'),
  value: z.number().describe('Made comparable within this search.'),
  weight: z.number(),
  contribution: z.number().describe('value x weight'),
});

export const explanationExample = {
  recipe: 'context',
  found_by: [
    { arm: 'dense', rank: 2, score: 0.61 },
    { arm: 'lexical', rank: 1, score: 7.4 },
  ],
  contributions: [
    { feature: 'sentence', raw: 7.4, value: 1, weight: 0.8, contribution: 0.8 },
    { feature: 'cosine', raw: 0.61, value: 0.97, weight: 0.47, contribution: 0.4559 },
  ],
  sum: 1.2559,
  calibration: { slope: 1, intercept: 1.33 },
  score: 0.93,
} as const;

/** How a score came about; everything needed to compute it again (recompute). */
export const explanationSchema = z
  .object({
    recipe: z.enum(RECIPE_NAMES),
    found_by: z
      .array(
        z.object({
          arm: z.enum(ARMS),
          rank: z.number().int().optional().describe('Place in the arm, from 1.'),
          score: z.number().optional().describe("The arm's own: cosine, or BM25."),
        }),
      )
      .describe('What brought the memory up.'),
    contributions: z.array(contributionSchema),
    sum: z.number().describe('Of the contributions, in their order.'),
    calibration: z
      .object({ slope: z.number(), intercept: z.number() })
      .nullable()
      .describe('score = 1 / (1 + e^-(slope sum + intercept)); without one, score = sum.'),
    score: z.number(),
  })
  .meta({ id: 'Explanation', examples: [explanationExample] });

export type Explanation = z.infer<typeof explanationSchema>;

/** 1 / (1 + e^-(slope sum + intercept)): the share of memories with such a sum that were evidence. */
export const calibrated = (sum: number, { slope, intercept }: Calibration): number =>
  1 / (1 + Math.exp(-(slope * sum + intercept)));

/** The score again, from what the explanation says of it: equal to `score` to 1e-9. */
export function recompute({
  contributions,
  calibration,
}: Pick<Explanation, 'contributions' | 'calibration'>): number {
  const sum = recomputeScore(contributions);
  return calibration ? calibrated(sum, calibration) : sum;
}
