import type { ScoredMemory } from '../memory.js';

/** What one arm had to do with the relevant results, as shares of them. */
export interface ArmShare {
  readonly arm: string;
  readonly found: number;
  readonly found_only_by_it: number;
}

export interface FeatureShare {
  readonly feature: string;
  /** Mean of contribution / sum of all |contributions|: the signed part it has in a score. */
  readonly share: number;
}

/** For each arm that found any of these results; the most useful first. */
export function armShares(results: readonly ScoredMemory[]): ArmShare[] {
  const arms = results.map(({ explanation }) => [
    ...new Set((explanation?.found_by ?? []).map(({ arm }) => arm)),
  ]);
  const shareOf = (holds: (found: readonly string[]) => boolean): number =>
    arms.filter(holds).length / results.length;
  return [...new Set(arms.flat())]
    .map((arm) => ({
      arm,
      found: shareOf((found) => found.includes(arm)),
      found_only_by_it: shareOf((found) => found.length === 1 && found[0] === arm),
    }))
    .toSorted((left, right) => right.found - left.found);
}

/** For each feature with a part in any of these scores; the one that moves most first. */
export function featureShares(results: readonly ScoredMemory[]): FeatureShare[] {
  const sums = new Map<string, number>();
  let counted = 0;
  for (const { explanation } of results) {
    const contributions = explanation?.contributions ?? [];
    const whole = contributions.reduce((sum, part) => sum + Math.abs(part.contribution), 0);
    if (whole === 0) continue;
    counted += 1;
    for (const { feature, contribution } of contributions) {
      sums.set(feature, (sums.get(feature) ?? 0) + contribution / whole);
    }
  }
  return [...sums]
    .map(([feature, sum]) => ({ feature, share: sum / counted }))
    .filter(({ share }) => share !== 0)
    .toSorted((left, right) => Math.abs(right.share) - Math.abs(left.share));
}
