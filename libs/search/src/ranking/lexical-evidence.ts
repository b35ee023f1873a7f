import { activate, FULL_REACH } from './activation.js';
import { inverseDocumentFrequency, queryTermWeight, saturated } from './bm25.js';
import { type Column, columnOf, emptyColumn, type ScaledColumn, scaledToBest } from './column.js';
import { sentenceEvidence } from './sentence-evidence.js';
import type { QueryTerm, RankingInput, RankingMemory } from './ranking-input.js';

export interface LexicalEvidence {
  readonly sentence: ScaledColumn;
  readonly surroundings: ScaledColumn;
  readonly session: ScaledColumn;
}

/**
 * BM25 three times over the same term frequencies, each divided by the query's best:
 * `sentence`, see sentenceEvidence;
 * `surroundings`, frequencies and lengths that spread along the session (activate); `session`, the
 * whole session as one document with its own document frequencies.
 */
export function lexicalEvidence(input: RankingInput): LexicalEvidence {
  const { memories, sessions, totals, query } = input;
  const count = memories.length;
  const lengths = columnOf(memories, ({ length }) => length);
  const around = activate(memories, lengths);
  const surroundings = emptyColumn(count);
  const bySession = emptyColumn(sessions.length);
  const reach = totals.averageLength * FULL_REACH;
  query.terms.forEach((term, t) => {
    const weight = weightOf(term, totals.memories, term.memories);
    const frequencies = columnOf(memories, (memory) => memory.frequencies[t] ?? 0);
    const activated = activate(memories, frequencies);
    for (let i = 0; i < count; i++) {
      const tf = activated[i] ?? 0;
      if (tf === 0) continue;
      const part = weight * saturated(tf, (around[i] ?? 0) / reach);
      surroundings[i] = (surroundings[i] ?? 0) + part;
    }
    const ofSession = weightOf(term, totals.sessions, term.sessions);
    sessions.forEach(({ frequencies: totalsOf, length }, s) => {
      const tf = totalsOf[t] ?? 0;
      const part = tf > 0 ? saturated(tf, length / totals.averageSessionLength) : 0;
      bySession[s] = (bySession[s] ?? 0) + ofSession * part;
    });
  });
  const sessionColumn = columnOf(memories, ({ session }) => bySession[session] ?? 0);
  const whole = scaledToBest(surroundings);
  return {
    sentence: scaledToBest(sentenceEvidence(input)),
    surroundings: whole,
    session: withoutSession(memories, scaledToBest(sessionColumn), whole),
  };
}

/** A memory outside any session is its own: its surroundings stand in for the session. */
function withoutSession(
  memories: readonly RankingMemory[],
  session: ScaledColumn,
  own: ScaledColumn,
): ScaledColumn {
  const either = (inside: Column, alone: Column): Column =>
    inside.map((value, i) => (memories[i]?.session === -1 ? (alone[i] ?? 0) : value));
  return { raw: either(session.raw, own.raw), value: either(session.value, own.value) };
}

const weightOf = (term: QueryTerm, documents: number, having: number): number =>
  inverseDocumentFrequency(documents, having) * queryTermWeight(term.frequency);
