import type { MemoryId } from '@soma/core';
import type { Candidate } from './fusion.js';
import { inverseDocumentFrequency, saturated } from './ranking/bm25.js';
import { memoryIdOfKey, type PostingKey } from './posting-key.js';
import type { LexicalMatches } from './search-repository.js';

/** Mean lexemes of a memory of the namespace, at least 1. */
export const averageLength = ({
  memories,
  totalLength,
}: Pick<LexicalMatches, 'memories' | 'totalLength'>): number =>
  Math.max(1, totalLength / Math.max(1, memories));

/** The best of those that pass by BM25, best first; what only the context says counts its share. */
export function lexicalCandidates(matches: LexicalMatches, limit: number): Candidate<MemoryId>[] {
  const { postings, memories } = matches;
  const average = averageLength(matches);
  const scores = new Map<PostingKey, number>();
  for (const list of postings) {
    const weight =
      inverseDocumentFrequency(memories, list.keys.length) * Math.min(1, list.frequency);
    list.keys.forEach((key, at) => {
      if (list.passes[at] === 0) return;
      const part = saturated(list.frequencies[at] ?? 0, (list.lengths[at] ?? 0) / average);
      scores.set(key, (scores.get(key) ?? 0) + weight * part);
    });
  }
  return [...scores]
    .sort(([key, score], [other, otherScore]) => otherScore - score || (key < other ? -1 : 1))
    .slice(0, limit)
    .map(([key, score]) => ({ id: memoryIdOfKey(key), score }));
}
