import fc from 'fast-check';
import { fuse, type WeightedArm } from './fusion.js';

const candidates = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    score: fc.double({ min: -1, max: 50, noNaN: true }),
  }),
  { selector: ({ id }) => id },
);
const arms = fc.tuple(candidates, candidates).map(([dense, lexical]): WeightedArm<string>[] => [
  { weight: 0.5, candidates: dense },
  { weight: 0.5, candidates: lexical },
]);

describe(fuse.name, () => {
  it('is the union of the arms, each id once', () => {
    fc.assert(
      fc.property(arms, (given) => {
        const ids = new Set(given.flatMap((arm) => arm.candidates.map(({ id }) => id)));
        expect(
          fuse(given)
            .map(({ id }) => id)
            .sort(),
        ).toEqual([...ids].sort());
      }),
    );
  });

  it('scores 0 to 1 when weights sum to 1, best first', () => {
    fc.assert(
      fc.property(arms, (given) => {
        const scores = fuse(given).map(({ score }) => score);
        expect(scores.every((score) => score >= 0 && score <= 1 + 1e-12)).toBe(true);
        expect(scores).toEqual([...scores].sort((left, right) => right - left));
      }),
    );
  });

  it('does not depend on the order in which an arm gives its candidates', () => {
    fc.assert(
      fc.property(arms, (given) => {
        const reversed = given.map((arm) => ({
          ...arm,
          candidates: [...arm.candidates].reverse(),
        }));
        expect(fuse(reversed)).toEqual(fuse(given));
      }),
    );
  });

  it('never scores higher what an arm scores lower, all else equal', () => {
    const fused = fuse([
      {
        weight: 1,
        candidates: [
          { id: 'a', score: 2 },
          { id: 'b', score: 1 },
        ],
      },
    ]);
    expect(fused).toEqual([
      { id: 'a', score: 1 },
      { id: 'b', score: 0.5 },
    ]);
  });
});
