import fc from 'fast-check';
import { diversify, type DiversityCandidate } from './diversity.js';

const unit = (numbers: readonly number[]): Float32Array => {
  const length = Math.hypot(...numbers) || 1;
  return Float32Array.from(numbers, (number) => number / length);
};
const vectors = fc
  .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.constant(1))
  .map(unit);
const candidates = fc
  .array(
    fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      vector: fc.option(vectors, { nil: undefined }),
    }),
    { maxLength: 12 },
  )
  .map((found): DiversityCandidate<number>[] =>
    found
      .toSorted((left, right) => right.score - left.score)
      .map((candidate, id) => ({ ...candidate, id })),
  );
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe(diversify.name, () => {
  it('gives every candidate once, the best one first', () => {
    fc.assert(
      fc.property(candidates, shares, (given, diversity) => {
        const ids = diversify(given, diversity, given.length);
        expect(ids.toSorted((left, right) => left - right)).toEqual(given.map(({ id }) => id));
        expect(ids[0]).toBe(given[0]?.id);
      }),
    );
  });

  it('leaves the order as it is with diversity 0, and where nothing resembles anything', () => {
    fc.assert(
      fc.property(candidates, shares, (given, diversity) => {
        const ids = given.map(({ id }) => id);
        expect(diversify(given, 0, ids.length)).toEqual(ids);
        const unlike = given.map(({ id, score }) => ({ id, score }));
        expect(diversify(unlike, diversity, ids.length)).toEqual(ids);
      }),
    );
  });

  it('begins alike, however many are asked for', () => {
    fc.assert(
      fc.property(candidates, shares, fc.nat(12), (given, diversity, limit) => {
        const all = diversify(given, diversity, given.length);
        expect(diversify(given, diversity, limit)).toEqual(all.slice(0, limit));
      }),
    );
  });

  it('places next what the definition says, computed the slow way', () => {
    fc.assert(
      fc.property(candidates, shares, (given, diversity) => {
        const ids = diversify(given, diversity, given.length);
        const worth = (id: number, before: readonly number[]): number =>
          (1 - diversity) * (given[id]?.score ?? 0) - diversity * likeness(given, id, before);
        for (let place = 1; place < ids.length; place += 1) {
          const before = ids.slice(0, place);
          const best = Math.max(...ids.slice(place).map((id) => worth(id, before)));
          expect(worth(ids[place] ?? -1, before)).toBeCloseTo(best, 6);
        }
      }),
    );
  });

  it('puts a copy of the best result below what is nearly as good and new', () => {
    const given = [
      { id: 'best', score: 1, vector: unit([1, 0]) },
      { id: 'copy', score: 0.99, vector: unit([1, 0]) },
      { id: 'new', score: 0.9, vector: unit([0, 1]) },
      { id: 'opposite', score: 0.8, vector: unit([-1, 0]) },
    ];
    expect(diversify(given, 0.5, 4)).toEqual(['best', 'new', 'opposite', 'copy']);
    expect(diversify(given, 0.05, 4)).toEqual(['best', 'copy', 'new', 'opposite']);
  });
});

function likeness(
  given: readonly DiversityCandidate<number>[],
  id: number,
  before: readonly number[],
): number {
  const one = given[id]?.vector;
  const cosines = before.map((other) => {
    const two = given[other]?.vector;
    return one && two ? one.reduce((sum, value, at) => sum + value * (two[at] ?? 0), 0) : 0;
  });
  return Math.max(0, ...cosines);
}
