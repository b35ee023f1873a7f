import type { NewMemory } from '../contract.ts';

export const NAMESPACE = 'tree';

const TURNS = 20;
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const WORDS = 4_000;
const START = Date.parse('2020-01-01T09:00:00Z');

/** Conversations of twenty turns, four a day, each about a few words of its own. */
export function episode(at: number): NewMemory {
  const session = Math.floor(at / TURNS);
  const turn = at % TURNS;
  const word = (n: number): string => `word${(session * 31 + n * 97) % WORDS}`;
  const topic = Math.floor(turn / 5) * 7;
  const day = Math.floor(session / 4) * DAY_MS + (session % 4) * 150 * MINUTE_MS;
  return {
    namespace: NAMESPACE,
    content: `We spoke about ${word(topic)} and ${word(topic + 1)} with ${word(turn + 40)} on ${at}. Then ${word(topic + 2)} came up.`,
    session_id: `session-${session}`,
    speaker: turn % 2 === 0 ? 'Ann' : 'Bob',
    occurred_at: new Date(START + day + turn * MINUTE_MS).toISOString(),
  };
}
