import { type Column, columnOf, emptyColumn } from './column.js';
import type { RankingInput, RankingMemory, RankingSession } from './ranking-input.js';

const DAY_MS = 86_400_000;

/**
 * e^(-age / scale), age in sessions newer than the memory's; 0 where the query has no time. A memory
 * outside any session is as old as the one before it in time; where none has a session, age is the
 * number of newer days on which something at hand occurred.
 */
export function recencyEvidence(
  { memories, sessions, query }: RankingInput,
  scale: number,
): Column {
  if (query.at === undefined) return emptyColumn(memories.length);
  const ages = sessions.length > 0 ? agesBySession(memories, sessions) : agesByDay(memories);
  return ages.map((age) => Math.exp(-age / scale));
}

function agesBySession(
  memories: readonly RankingMemory[],
  sessions: readonly RankingSession[],
): Column {
  let age = sessions.reduce((most, session) => Math.max(most, session.age), 0);
  return columnOf(memories, ({ session }) => {
    age = sessions[session]?.age ?? age;
    return age;
  });
}

function agesByDay(memories: readonly RankingMemory[]): Column {
  const dayOf = (memory: RankingMemory): number => Math.floor(memory.occurredAt / DAY_MS);
  const days = [...new Set(memories.map(dayOf))].sort((a, b) => b - a);
  const ages = new Map(days.map((day, age) => [day, age]));
  return columnOf(memories, (memory) => ages.get(dayOf(memory)) ?? 0);
}
