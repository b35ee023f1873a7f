import { type Column, emptyColumn } from './column.js';
import type { RankingMemory } from './ranking-input.js';

const FIRST_PERSON = /\b(?:I|my|me|I['’](?:m|ve|d|ll)|we|our)\b/;

/** 1 for words of the one speaker asked about, -1 for another speaker's, 0 without a speaker. */
export function speakerEvidence(
  memories: readonly RankingMemory[],
  asked: string | undefined,
): Column {
  const column = emptyColumn(memories.length);
  if (asked === undefined) return column;
  return column.map((_, i) => {
    const speaker = memories[i]?.speaker;
    if (!speaker) return 0;
    return speaker === asked ? 1 : -1;
  });
}

/** 1 where the speaker asked about speaks of themselves. */
export function firstPersonEvidence(
  memories: readonly RankingMemory[],
  asked: string | undefined,
): Column {
  return Float64Array.from(memories, ({ speaker, content }) =>
    asked !== undefined && speaker === asked && FIRST_PERSON.test(content) ? 1 : 0,
  );
}
