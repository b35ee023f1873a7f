import type { MemoryId } from '@soma/core';
import type { Candidate } from './fusion.js';
import { inverseDocumentFrequency, saturated } from './ranking/bm25.js';
import type { LexicalMatches, PostingList } from './search-repository.js';

/** Lists that ranking counts: one that is cut says nothing, unless there is no other. */
export function countedPostings(postings: readonly PostingList[]): readonly PostingList[] {
  const whole = postings.filter(({ cut }) => !cut);
  return whole.length > 0 ? whole : postings;
}

/** The best of those that pass by BM25, best first; equal scores by id. */
export function lexicalCandidates(
  { postings, memories, totalLength }: LexicalMatches,
  limit: number,
): Candidate<MemoryId>[] {
  const averageLength = Math.max(1, totalLength / Math.max(1, memories));
  const scores = new Map<MemoryId, number>();
  for (const list of countedPostings(postings)) {
    const idf = inverseDocumentFrequency(memories, list.memories.length);
    list.memories.forEach((id, at) => {
      if (list.passes?.[at] === false) return;
      const part = saturated(list.frequencies[at] ?? 0, (list.lengths[at] ?? 0) / averageLength);
      scores.set(id, (scores.get(id) ?? 0) + idf * part);
    });
  }
  return [...scores]
    .map(([id, score]) => ({ id, score }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1))
    .slice(0, limit);
}
