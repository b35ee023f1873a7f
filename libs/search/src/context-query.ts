import type { MemoryId } from '@soma/core';
import { RADIUS } from './ranking/activation.js';
import { SPREAD, WIDTH_WITH_MODEL, WIDTH_WITHOUT_MODEL } from './recipes.js';
import type { Found } from './search-arms.js';
import type { ContextQuery } from './search-repository.js';

/** What to read around the hits: the first of each arm and exact hits spread, the rest stand alone. */
export function contextOf(
  found: Found,
  topK: number,
): Pick<
  ContextQuery,
  'spreading' | 'linking' | 'embedded' | 'model' | 'others' | 'spread' | 'reach'
> {
  const width = found.semantic ? WIDTH_WITH_MODEL : WIDTH_WITHOUT_MODEL;
  const spreading = firstHits(found, width.spreading);
  const others = firstHits(found, Math.max(width.candidates, topK));
  return {
    spreading: [...spreading],
    linking: [...firstHits(found, width.linking)],
    embedded: found.dense.map(({ memoryId }) => memoryId),
    model: found.model,
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
