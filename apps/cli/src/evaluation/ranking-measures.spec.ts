import fc from 'fast-check';
import { ndcgAt, type Places, placesOf, recallAt, reciprocalRank } from './ranking-measures.js';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
const someIds = fc.uniqueArray(fc.constantFrom(...IDS), { maxLength: 12 });
const wanted = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 });
const depth = fc.integer({ min: 1, max: 15 });
const placed = (ranked: readonly string[], gold: readonly string[]): Places =>
  placesOf(
    ranked.map((id) => [id]),
    gold,
  );

describe('the measures of a ranking', () => {
  it('P45 are 0 to 1, and 1 when all that is relevant comes first', () => {
    fc.assert(
      fc.property(someIds, wanted, depth, (ranked, gold, k) => {
        const places = placed(ranked, gold);
        for (const value of [recallAt(places, k), ndcgAt(places, k), reciprocalRank(places)]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        const ideal = placed(gold, gold);
        expect(recallAt(ideal, 12)).toBe(1);
        expect(ndcgAt(ideal, k)).toBeCloseTo(1, 12);
        expect(reciprocalRank(ideal)).toBe(1);
      }),
    );
  });

  it('never fall when one looks deeper, nor when a relevant result moves up', () => {
    fc.assert(
      fc.property(someIds, wanted, depth, (ranked, gold, k) => {
        const places = placed(ranked, gold);
        expect(recallAt(places, k + 1)).toBeGreaterThanOrEqual(recallAt(places, k));
        const at = ranked.findIndex((id, index) => {
          const before = ranked[index - 1];
          return gold.includes(id) && before !== undefined && !gold.includes(before);
        });
        if (at < 0) return;
        const moved = ranked.toSpliced(at - 1, 2, ranked[at] ?? '', ranked[at - 1] ?? '');
        const better = placed(moved, gold);
        expect(ndcgAt(better, k)).toBeGreaterThanOrEqual(ndcgAt(places, k));
        expect(recallAt(better, k)).toBeGreaterThanOrEqual(recallAt(places, k));
        expect(reciprocalRank(better)).toBeGreaterThanOrEqual(reciprocalRank(places));
      }),
    );
  });

  it('are 0 when nothing relevant came', () => {
    const places = placed(['a', 'b'], ['x']);
    expect([recallAt(places, 10), ndcgAt(places, 10), reciprocalRank(places)]).toEqual([0, 0, 0]);
  });

  it('have the values one computes by hand', () => {
    const places = placed(['x', 'a', 'y', 'b'], ['a', 'b', 'c']);
    expect(places).toEqual([2, 4, null]);
    expect(recallAt(places, 2)).toBeCloseTo(1 / 3, 12);
    expect(reciprocalRank(places)).toBe(0.5);
    const gain = 1 / Math.log2(3) + 1 / Math.log2(5);
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(ndcgAt(places, 10)).toBeCloseTo(gain / ideal, 12);
  });

  it('credit one result that answers for two, but count its gain once', () => {
    const places = placesOf([['a', 'b'], ['c']], ['a', 'b']);
    expect(places).toEqual([1, 1]);
    expect(recallAt(places, 1)).toBe(1);
    expect(ndcgAt(places, 1)).toBe(1);
  });
});
