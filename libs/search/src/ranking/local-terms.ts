import { FUNCTION_WORDS, lightStem } from '@soma/embedding';
import { inverseDocumentFrequency } from './bm25.js';
import { wordsOf } from './names.js';
import type { RankingMemory } from './ranking-input.js';

const SHORTEST = 3;

/** The words of the first hits, for what needs no statistics of the whole namespace. */
export interface LocalTerms {
  /** Occurrences of each stem by the memory's position; undefined for one not read. */
  readonly counts: readonly (ReadonlyMap<string, number> | undefined)[];
  readonly lengths: readonly number[];
  readonly averageLength: number;
  readonly idf: (stem: string) => number;
  readonly memoriesWith: (stem: string) => number;
}

export function localTerms(
  memories: readonly Pick<RankingMemory, 'content'>[],
  read: readonly number[],
): LocalTerms {
  const having = new Map<string, number>();
  const stems = new Map<string, string>();
  const counts: (Map<string, number> | undefined)[] = memories.map(() => undefined);
  const lengths = memories.map(() => 0);
  for (const i of read) {
    const counted = countStems(memories[i]?.content ?? '', stems);
    for (const [stem, tf] of counted) {
      having.set(stem, (having.get(stem) ?? 0) + 1);
      lengths[i] = (lengths[i] ?? 0) + tf;
    }
    counts[i] = counted;
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const memoriesWith = (stem: string): number => having.get(stem) ?? 0;
  return {
    counts,
    lengths,
    averageLength: Math.max(1, total / Math.max(1, read.length)),
    idf: (stem) => inverseDocumentFrequency(read.length, memoriesWith(stem)),
    memoriesWith,
  };
}

/** `stems` remembers what each word was stemmed to. */
function countStems(content: string, stems: Map<string, string>): Map<string, number> {
  const counted = new Map<string, number>();
  for (const word of wordsOf(content)) {
    if (word.length < SHORTEST || FUNCTION_WORDS.has(word)) continue;
    const stem = stems.get(word) ?? lightStem(word);
    stems.set(word, stem);
    counted.set(stem, (counted.get(stem) ?? 0) + 1);
  }
  return counted;
}
