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

  it('is 0 without a session, or when nobody says when it is asked', () => {
    expect([...recencyEvidence(inputOf([memoryOf({ session: -1 })]), 5)]).toEqual([0]);
    expect(aged([0, 5])).toEqual([0, 0]);
  });
});
