import type { RankingMemory } from './ranking-input.js';

/** Each step away from a memory counts half as much as the one before, up to three steps. */
export const DECAY = 0.5;
export const RADIUS = 3;

/** What activation spreads over. */
export type Adjacency = Pick<RankingMemory, 'previous' | 'next' | 'links'>;

/**
 * Activation that spreads over adjacency and fades: value of a memory, plus DECAY^d times the value
 * of the memories d steps before and after it in its session, d up to RADIUS, plus DECAY times what
 * its links lend by their strength, all of them together at most one neighbour's worth. The one
 * mechanism behind the window, the neighbours, the links and the similarity of the surroundings
 * (docs/retrieval.md). `self` is what a memory's own value counts.
 */
export function activate(
  memories: readonly Adjacency[],
  values: ArrayLike<number>,
  self = 1,
): Float64Array {
  const activated = new Float64Array(memories.length);
  for (let i = 0; i < memories.length; i++) {
    const value = values[i] ?? 0;
    const links = memories[i]?.links;
    if (links && links.length > 0) activated[i] = (activated[i] ?? 0) + lent(links, values);
    if (value === 0) continue;
    activated[i] = (activated[i] ?? 0) + self * value;
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

/** Mean over the links by strength, times DECAY; weak links fade, many do not add up. */
function lent(links: NonNullable<Adjacency['links']>, values: ArrayLike<number>): number {
  let sum = 0;
  let strengths = 0;
  for (const { memory, strength } of links) {
    const share = Math.min(1, Math.max(0, strength));
    sum += share * (values[memory] ?? 0);
    strengths += share;
  }
  return (DECAY * sum) / Math.max(1, strengths);
}

/** What a memory with full surroundings takes in: 1 + 2 (DECAY + ... + DECAY^RADIUS). */
export const FULL_REACH = 1 + (2 * DECAY * (1 - DECAY ** RADIUS)) / (1 - DECAY);
