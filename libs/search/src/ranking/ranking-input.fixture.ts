import type { RankingInput, RankingMemory, RankingSession } from './ranking-input.js';

const NOON = Date.UTC(2023, 4, 3, 12);
const SESSION: RankingSession = { frequencies: [1], length: 10, age: 0 };

/** A candidate of the first session, alone, said at noon of 3 May 2023. */
export const memoryOf = (given: Partial<RankingMemory> = {}): RankingMemory => ({
  id: 'a',
  candidate: true,
  session: 0,
  previous: -1,
  next: -1,
  speaker: undefined,
  occurredAt: NOON,
  content: 'the kettle sings',
  length: 3,
  frequencies: [0],
  cosine: undefined,
  ...given,
});

/** A query of one term over these memories. */
export const inputOf = (
  memories: readonly RankingMemory[],
  given: Partial<RankingInput> = {},
): RankingInput => ({
  query: {
    text: 'kettle',
    terms: [{ lexeme: 'kettl', frequency: 1, memories: 2, sessions: 1, sentences: [0] }],
    at: NOON,
  },
  memories,
  sessions: [SESSION],
  totals: { memories: 10, sessions: 2, averageLength: 5, averageSessionLength: 20 },
  ...given,
});
