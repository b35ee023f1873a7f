import type { MemoryId } from '@soma/core';
import { fuse } from './fusion.js';
import { FUSION_RECIPES, type FusionRecipeName } from './recipes.js';
import { foundBy, type Scored } from './scored.js';
import type { Found } from './search-arms.js';
import type { CurrentEntry } from './search-repository.js';

/** Ranks by the two arms alone; only what is current counts. */
export function rankByFusion(
  recipe: FusionRecipeName,
  found: Found,
  current: readonly CurrentEntry[],
): Scored[] {
  const { weights, normalisation } = FUSION_RECIPES[recipe];
  const entryOf = new Map<MemoryId, string | null>(current.map(({ id, entryId }) => [id, entryId]));
  const arms = [
    {
      name: 'dense',
      weight: weights.dense,
      candidates: found.dense
        .filter(({ memoryId, entryId }) => entryOf.get(memoryId) === entryId)
        .map(({ memoryId, score }) => ({ id: memoryId, score })),
    },
    {
      name: 'lexical',
      weight: weights.lexical,
      candidates: found.lexical.filter(({ id }) => entryOf.has(id)),
    },
  ];
  const by = foundBy(found);
  return fuse<MemoryId>(
    arms.filter(({ weight }) => weight > 0),
    normalisation,
  )
    .filter(({ score }) => score > 0)
    .map(({ id, score, contributions }) => ({
      id,
      score,
      explain: () => ({
        recipe,
        found_by: by.get(id) ?? [],
        contributions,
        sum: score,
        calibration: null,
        score,
      }),
    }));
}
