import fc from 'fast-check';
import { recompute } from './explanation.schema.js';
import { fuse, type WeightedArm } from './fusion.js';
import type { Normalisation } from './recipes.js';

const candidates = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      score: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    { selector: ({ id }) => id },
  )
  .map((items) => items.toSorted((left, right) => right.score - left.score));
const arms = fc.tuple(candidates, candidates).map(([dense, lexical]): WeightedArm<string>[] => [
  { name: 'dense', weight: 0.5, candidates: dense },
  { name: 'lexical', weight: 0.5, candidates: lexical },
]);
const NORMALISATIONS: readonly Normalisation[] = ['share-of-best', 'reciprocal-rank', 'as-is'];

describe.each(NORMALISATIONS)('fuse by %s', (normalisation) => {
  it('is the union of the arms, each id once', () => {
    fc.assert(
      fc.property(arms, (given) => {
        const ids = new Set(given.flatMap((arm) => arm.candidates.map(({ id }) => id)));
        expect(
          fuse(given, normalisation)
            .map(({ id }) => id)
            .sort(),
        ).toEqual([...ids].sort());
      }),
    );
  });

  it('scores 0 to 1 when weights sum to 1, best first', () => {
    fc.assert(
      fc.property(arms, (given) => {
        const scores = fuse(given, normalisation).map(({ score }) => score);
        expect(scores.every((score) => score >= 0 && score <= 1 + 1e-12)).toBe(true);
        expect(scores).toEqual([...scores].sort((left, right) => right - left));
      }),
    );
  });

  it('explains every score to 1e-9', () => {
    fc.assert(
      fc.property(arms, (given) => {
        for (const { score, contributions } of fuse(given, normalisation)) {
          expect(recompute({ contributions, calibration: null })).toBeCloseTo(score, 9);
        }
      }),
    );
  });
});

describe(fuse.name, () => {
  const arm: WeightedArm<string> = {
    name: 'lexical',
    weight: 1,
    candidates: [
      { id: 'a', score: 2 },
      { id: 'b', score: 1 },
    ],
  };
  const scores = (normalisation: Normalisation) =>
    fuse([arm], normalisation).map(({ id, score }) => [id, score]);

  it('counts a share of the best score', () => {
    expect(scores('share-of-best')).toEqual([
      ['a', 1],
      ['b', 0.5],
    ]);
  });

  it('counts ranks alone, the first as 1', () => {
    expect(scores('reciprocal-rank')).toEqual([
      ['a', 1],
      ['b', 61 / 62],
    ]);
  });
});
