import type { MemoryId } from '@soma/core';
import type { Candidate } from './fusion.js';
import { inverseDocumentFrequency, saturated } from './ranking/bm25.js';
import { memoryIdOfKey, type PostingKey } from './posting-key.js';
import type { LexicalMatches } from './search-repository.js';

/** The best of those that pass by BM25, best first; equal scores by id. */
export function lexicalCandidates(
  { postings, memories, totalLength }: LexicalMatches,
  limit: number,
): Candidate<MemoryId>[] {
  const averageLength = Math.max(1, totalLength / Math.max(1, memories));
  const scores = new Map<PostingKey, number>();
  for (const list of postings) {
    const idf = inverseDocumentFrequency(memories, list.keys.length);
    list.keys.forEach((key, at) => {
      if (list.passes[at] === 0) return;
      const part = saturated(list.frequencies[at] ?? 0, (list.lengths[at] ?? 0) / averageLength);
      scores.set(key, (scores.get(key) ?? 0) + idf * part);
    });
  }
  return [...scores]
    .sort(([key, score], [other, otherScore]) => otherScore - score || (key < other ? -1 : 1))
    .slice(0, limit)
    .map(([key, score]) => ({ id: memoryIdOfKey(key), score }));
}
