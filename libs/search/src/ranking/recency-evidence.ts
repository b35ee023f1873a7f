import { type Column, emptyColumn } from './column.js';
import type { RankingInput } from './ranking-input.js';

/** e^(-age / scale), age in sessions newer than the memory's; 0 where the query has no time. */
export function recencyEvidence(
  { memories, sessions, query }: RankingInput,
  scale: number,
): Column {
  const column = emptyColumn(memories.length);
  if (query.at === undefined) return column;
  return column.map((_, i) => {
    const age = sessions[memories[i]?.session ?? -1]?.age;
    return age === undefined ? 0 : Math.exp(-age / scale);
  });
}
