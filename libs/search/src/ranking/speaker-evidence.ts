import { type Column, columnOf, emptyColumn } from './column.js';
import type { RankingMemory } from './ranking-input.js';
import type { ReadText } from './text-cache.js';

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
export const firstPersonEvidence = (
  memories: readonly RankingMemory[],
  texts: readonly ReadText[],
  asked: string | undefined,
): Column =>
  columnOf(memories, ({ speaker }, i) =>
    asked !== undefined && speaker === asked && texts[i]?.self ? 1 : 0,
  );
