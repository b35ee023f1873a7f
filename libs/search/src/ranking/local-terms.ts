import { inverseDocumentFrequency } from './bm25.js';
import type { CountedStems, ReadText, TextCache } from './text-cache.js';

/** The words of the first hits, for what needs no statistics of the whole namespace. */
export interface LocalTerms {
  /** Positions of the memories read. */
  readonly read: readonly number[];
  /** Stems by the memory's position; undefined for one not read. */
  readonly counted: readonly (CountedStems | undefined)[];
  readonly averageLength: number;
  /** Of a stem by its number, among the memories read. */
  readonly idf: (stem: number) => number;
  readonly memoriesWith: (stem: number) => number;
  /** All numbers of stems lie below. */
  readonly stems: number;
}

export function localTerms(
  texts: readonly ReadText[],
  read: readonly number[],
  cache: TextCache,
): LocalTerms {
  const counted = new Array<CountedStems | undefined>(texts.length).fill(undefined);
  let total = 0;
  for (const i of read) {
    const stems = texts[i]?.counted;
    counted[i] = stems;
    total += stems?.length ?? 0;
  }
  const having = new Uint32Array(cache.stems);
  for (const i of read) {
    for (const stem of counted[i]?.stems ?? []) having[stem] = (having[stem] ?? 0) + 1;
  }
  const idfs = Float64Array.from({ length: read.length + 1 }, (_, memories) =>
    inverseDocumentFrequency(read.length, memories),
  );
  const memoriesWith = (stem: number): number => having[stem] ?? 0;
  return {
    read,
    counted,
    averageLength: Math.max(1, total / Math.max(1, read.length)),
    idf: (stem) => idfs[memoriesWith(stem)] ?? 0,
    memoriesWith,
    stems: cache.stems,
  };
}
