import { inverseDocumentFrequency, saturated } from './bm25.js';
import { type Column, emptyColumn } from './column.js';
import { PASSAGE_CHARACTERS, type PassageFinder, passageFinder } from './passages.js';
import type { RankingInput } from './ranking-input.js';

/** About 120 English words: what is longer counts by its best passage, not by all of it. */
const LONG = 720;
/** Lexemes of a passage of English; longer memories are not longer evidence. */
const PASSAGE_LEXEMES = 45;

/** BM25 of each memory, or of its best passage, against the sentence of the query it answers best. */
export function sentenceEvidence({ memories, totals, query }: RankingInput): Column {
  const column = emptyColumn(memories.length);
  const idf = query.terms.map((term) => inverseDocumentFrequency(totals.memories, term.memories));
  const last = Math.max(-1, ...query.terms.flatMap(({ sentences }) => sentences));
  const sums = new Float64Array(last + 1);
  const average = Math.min(totals.averageLength, PASSAGE_LEXEMES);
  let find: PassageFinder | undefined;
  const scoreOf = (frequencies: ArrayLike<number>, length: number): number => {
    sums.fill(0);
    let best = 0;
    for (let t = 0; t < idf.length; t++) {
      const frequency = frequencies[t] ?? 0;
      if (frequency === 0) continue;
      const part = (idf[t] ?? 0) * saturated(frequency, length / average);
      for (const s of query.terms[t]?.sentences ?? []) {
        const sum = (sums[s] ?? 0) + part;
        sums[s] = sum;
        if (sum > best) best = sum;
      }
    }
    return best;
  };
  memories.forEach(({ content, length, frequencies }, i) => {
    column[i] = scoreOf(frequencies, length);
    if (column[i] === 0 || content.length <= LONG) return;
    find ??= passageFinder(query.terms);
    const lexemes = Math.min(length, (length * PASSAGE_CHARACTERS) / content.length);
    const scores = find(content).map((passage) => scoreOf(passage, lexemes));
    if (scores.length > 0) column[i] = Math.max(...scores);
  });
  return column;
}
