import { activate, FULL_REACH } from './activation.js';
import { inverseDocumentFrequency, queryTermWeight, saturated } from './bm25.js';
import { type Column, emptyColumn, type ScaledColumn, scaledToBest } from './column.js';
import type { QueryTerm, RankingInput } from './ranking-input.js';

export interface LexicalEvidence {
  readonly sentence: ScaledColumn;
  readonly surroundings: ScaledColumn;
  readonly session: ScaledColumn;
}

/**
 * BM25 three times over the same term frequencies, each divided by the query's best:
 * `sentence`, the memory against the sentence of the query that it answers best;
 * `surroundings`, frequencies and lengths that spread along the session (activate); `session`, the
 * whole session as one document with its own document frequencies.
 */
export function lexicalEvidence(input: RankingInput): LexicalEvidence {
  const { memories, sessions, totals, query } = input;
  const count = memories.length;
  const lengths = memories.map(({ length }) => length);
  const around = activate(memories, lengths);
  const surroundings = emptyColumn(count);
  const bySession = emptyColumn(sessions.length);
  const bySentence = new Map<number, Column>();
  query.terms.forEach((term, t) => {
    const weight = weightOf(term, totals.memories, term.memories);
    const frequencies = Float64Array.from(memories, (memory) => memory.frequencies[t] ?? 0);
    const parts = frequencies.map((tf, i) =>
      tf > 0 ? saturated(tf, (lengths[i] ?? 0) / totals.averageLength) : 0,
    );
    const idf = inverseDocumentFrequency(totals.memories, term.memories);
    for (const s of term.sentences) {
      const column = bySentence.get(s) ?? emptyColumn(count);
      bySentence.set(s, column);
      add(column, parts, idf);
    }
    activate(memories, frequencies).forEach((tf, i) => {
      const relative = (around[i] ?? 0) / (totals.averageLength * FULL_REACH);
      if (tf > 0) surroundings[i] = (surroundings[i] ?? 0) + weight * saturated(tf, relative);
    });
    const ofSession = weightOf(term, totals.sessions, term.sessions);
    sessions.forEach(({ frequencies: totalsOf, length }, s) => {
      const tf = totalsOf[t] ?? 0;
      const part = tf > 0 ? saturated(tf, length / totals.averageSessionLength) : 0;
      bySession[s] = (bySession[s] ?? 0) + ofSession * part;
    });
  });
  return {
    sentence: scaledToBest(best([...bySentence.values()], count)),
    surroundings: scaledToBest(surroundings),
    session: scaledToBest(Float64Array.from(memories, ({ session }) => bySession[session] ?? 0)),
  };
}

const weightOf = (term: QueryTerm, documents: number, having: number): number =>
  inverseDocumentFrequency(documents, having) * queryTermWeight(term.frequency);

function add(column: Column, parts: Column, weight: number): void {
  for (let i = 0; i < column.length; i++) column[i] = (column[i] ?? 0) + weight * (parts[i] ?? 0);
}

function best(columns: readonly Column[], count: number): Column {
  const most = emptyColumn(count);
  for (const column of columns) {
    for (let i = 0; i < count; i++) most[i] = Math.max(most[i] ?? 0, column[i] ?? 0);
  }
  return most;
}
