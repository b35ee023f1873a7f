import { type Column, emptyColumn } from './column.js';
import type { RankingMemory } from './ranking-input.js';

export interface AnswerEvidence {
  readonly answers: Column;
  readonly answersCosine: Column;
  readonly reply: Column;
}

/**
 * A memory that follows another speaker's question answers it: `reply` is 1, and it takes on what
 * the question has in common with the query, by words (half the question's own, half the
 * surroundings of both) and by cosine.
 */
export function answerEvidence(
  memories: readonly RankingMemory[],
  questions: Column,
  { sentence, surroundings, cosine }: Record<'sentence' | 'surroundings' | 'cosine', Column>,
): AnswerEvidence {
  const answers = emptyColumn(memories.length);
  const answersCosine = emptyColumn(memories.length);
  const reply = emptyColumn(memories.length);
  memories.forEach(({ previous, speaker }, i) => {
    const asker = memories[previous];
    if (!asker || asker.speaker === speaker || (questions[previous] ?? 0) <= 0) return;
    answers[i] = ((sentence[previous] ?? 0) + (surroundings[previous] ?? 0)) / 2;
    answersCosine[i] = cosine[previous] ?? 0;
    reply[i] = 1;
  });
  return { answers, answersCosine, reply };
}
