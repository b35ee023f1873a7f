import fc from 'fast-check';
import { inputOf, memoryOf } from './ranking-input.fixture.js';
import { recencyEvidence } from './recency-evidence.js';

const aged = (ages: readonly number[], at?: number): number[] => [
  ...recencyEvidence(
    inputOf(
      ages.map((_, session) => memoryOf({ session })),
      {
        query: { text: '', terms: [], at },
        sessions: ages.map((age) => ({ frequencies: [], length: 1, age })),
      },
    ),
    5,
  ),
];

describe(recencyEvidence.name, () => {
  it('is 1 for the newest session and less for every older one', () => {
    expect(aged([0, 5], 1)).toEqual([1, Math.exp(-1)]);
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 500 }), (age, more) => {
        const [newer, older] = aged([age, age + more], 1);
        expect(newer!).toBeGreaterThan(older!);
        expect(newer!).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is 0 when nobody says when it is asked', () => {
    expect(aged([0, 5])).toEqual([0, 0]);
  });

  it('takes a memory outside any session for as old as the one before it', () => {
    const sessions = [4, 1].map((age) => ({ frequencies: [], length: 1, age }));
    const memories = [0, -1, 1, -1].map((session) => memoryOf({ session }));
    const query = { text: '', terms: [], at: 1 };
    const column = recencyEvidence(inputOf(memories, { query, sessions }), 5);
    expect([...column]).toEqual([4, 4, 1, 1].map((age) => Math.exp(-age / 5)));
  });

  it('counts newer days where nothing has a session', () => {
    const memories = [3, 3, 5, 9].map((day) =>
      memoryOf({ session: -1, occurredAt: Date.UTC(2023, 4, day) }),
    );
    const query = { text: '', terms: [], at: 1 };
    const column = recencyEvidence(inputOf(memories, { query, sessions: [] }), 5);
    expect([...column]).toEqual([2, 2, 1, 0].map((age) => Math.exp(-age / 5)));
  });
});
