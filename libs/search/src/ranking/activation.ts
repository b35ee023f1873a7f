import type { RankingMemory } from './ranking-input.js';

/** Each step away from a memory counts half as much as the one before, up to three steps. */
export const DECAY = 0.5;
export const RADIUS = 3;

/**
 * Activation that spreads along a session and fades: value of a memory, plus DECAY^d times the value
 * of the memories d steps before and after it, d up to RADIUS. The one mechanism behind the window,
 * the neighbours and the similarity of the surroundings: as good as a flat window with separate
 * neighbours (docs/retrieval.md). `self` is what a memory's own value counts.
 */
export function activate(
  memories: readonly Pick<RankingMemory, 'previous' | 'next'>[],
  values: ArrayLike<number>,
  self = 1,
): Float64Array {
  const activated = new Float64Array(memories.length);
  for (let i = 0; i < memories.length; i++) {
    const value = values[i] ?? 0;
    activated[i] = (activated[i] ?? 0) + self * value;
    if (value === 0) continue;
    let before = i;
    let after = i;
    for (let step = 1, share = DECAY; step <= RADIUS; step++, share *= DECAY) {
      before = before < 0 ? -1 : (memories[before]?.previous ?? -1);
      after = after < 0 ? -1 : (memories[after]?.next ?? -1);
      if (before >= 0) activated[before] = (activated[before] ?? 0) + share * value;
      if (after >= 0) activated[after] = (activated[after] ?? 0) + share * value;
    }
  }
  return activated;
}

/** What a memory with full surroundings takes in: 1 + 2 (DECAY + ... + DECAY^RADIUS). */
export const FULL_REACH = 1 + (2 * DECAY * (1 - DECAY ** RADIUS)) / (1 - DECAY);
