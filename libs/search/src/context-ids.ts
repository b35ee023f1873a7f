import type { MemoryId } from '@soma/core';
import type { ContextLink, ContextQuery, ContextWindow } from './search-repository.js';

/** The memories that ranking reads: those found, those near the spreading ones, and both ends of each link. */
export function contextIds(
  { spreading, others, spread }: Pick<ContextQuery, 'spreading' | 'others' | 'spread'>,
  windows: readonly ContextWindow[],
  links: readonly ContextLink[],
): MemoryId[] {
  const near = windows.flatMap(({ before, after }) => [
    ...before.slice(0, spread),
    ...after.slice(0, spread),
  ]);
  return [
    ...new Set([
      ...spreading,
      ...others,
      ...near.map(({ id }) => id),
      ...links.flatMap(({ from, to }) => [from, to]),
    ]),
  ];
}
