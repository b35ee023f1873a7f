import type { MemoryId } from '@soma/core';
import { RADIUS } from './ranking/activation.js';
import { ARM_CANDIDATES, LINKING_HITS, SPREAD, SPREADING_HITS } from './recipes.js';
import type { Found } from './search-arms.js';
import type { ContextQuery } from './search-repository.js';

/** What to read around the hits: the first of each arm and exact hits spread, the rest stand alone. */
export function contextOf(
  found: Found,
  topK: number,
): Pick<ContextQuery, 'spreading' | 'linking' | 'embedded' | 'others' | 'spread' | 'reach'> {
  const spreading = firstHits(found, SPREADING_HITS);
  const others = firstHits(found, Math.max(ARM_CANDIDATES, topK));
  return {
    spreading: [...spreading],
    linking: [...firstHits(found, LINKING_HITS)],
    embedded: found.dense.map(({ memoryId }) => memoryId),
    others: [...others].filter((id) => !spreading.has(id)),
    spread: SPREAD,
    reach: SPREAD + RADIUS,
  };
}

const firstHits = ({ dense, lexical, matches }: Found, count: number): Set<MemoryId> =>
  new Set([
    ...dense.slice(0, count).map(({ memoryId }) => memoryId),
    ...lexical.slice(0, count).map(({ id }) => id),
    ...matches.exact.slice(0, count).map(({ id }) => id),
  ]);
