import { type Column, columnOf } from './column.js';
import type { RankingMemory } from './ranking-input.js';

/**
 * A memory that follows another speaker's question answers it, so it takes on what the question has
 * in common with the query: half the question's own words, half the surroundings of both.
 */
export const answerEvidence = (
  memories: readonly RankingMemory[],
  questions: Column,
  { sentence, surroundings }: Readonly<Record<'sentence' | 'surroundings', Column>>,
): Column =>
  columnOf(memories, ({ previous, speaker }) => {
    const asker = memories[previous];
    if (!asker || asker.speaker === speaker || (questions[previous] ?? 0) <= 0) return 0;
    return ((sentence[previous] ?? 0) + (surroundings[previous] ?? 0)) / 2;
  });
