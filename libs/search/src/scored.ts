import type { MemoryId } from '@soma/core';
import type { Explanation } from './explanation.schema.js';
import type { Found } from './search-arms.js';

/** A memory with its score, and how that came about when somebody asks. */
export interface Scored {
  readonly id: MemoryId;
  /** 0 to 1 */
  readonly score: number;
  readonly explain: () => Explanation;
}

/** Which arms brought each memory up, each once. */
export function foundBy({
  dense,
  lexical,
  matches,
}: Found): Map<MemoryId, Explanation['found_by']> {
  const found = new Map<MemoryId, Explanation['found_by']>();
  const add = (id: MemoryId, by: Explanation['found_by'][number]): void => {
    const known = found.get(id) ?? [];
    found.set(id, known);
    if (!known.some(({ arm }) => arm === by.arm)) known.push(by);
  };
  dense.forEach(({ memoryId, score, arm }, at) => add(memoryId, { arm, rank: at + 1, score }));
  lexical.forEach(({ id, score }, at) => add(id, { arm: 'lexical', rank: at + 1, score }));
  for (const { id } of matches.exact) add(id, { arm: 'exact' });
  return found;
}
