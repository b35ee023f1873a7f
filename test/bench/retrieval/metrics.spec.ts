import fc from 'fast-check';
import { MEASURES, meanOf, measure } from './metrics.ts';

describe('measure', () => {
  it('gives the values computed by hand', () => {
    const ranked = ['x', 'a', 'y', 'z', 'w', 'v', 'b'];
    const measures = measure(ranked, ['a', 'b', 'c']);
    expect(measures['recall@5']).toBeCloseTo(1 / 3, 12);
    expect(measures['recall@10']).toBeCloseTo(2 / 3, 12);
    expect(measures['hit@10']).toBe(1);
    expect(measures['all@10']).toBe(0);
    const dcg = 1 / Math.log2(3) + 1 / Math.log2(8);
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(measures['ndcg@10']).toBeCloseTo(dcg / ideal, 12);
    expect(measures.mrr).toBe(0.5);
  });

  it('counts an id that comes twice once, at its first rank', () => {
    expect(measure(['a', 'a', 'b'], ['b']).mrr).toBe(0.5);
  });

  it('does not credit a first hit below rank 100', () => {
    const misses = Array.from({ length: 100 }, (_, rank) => `miss-${rank}`);
    expect(measure([...misses, 'a'], ['a']).mrr).toBe(0);
    expect(measure([...misses.slice(1), 'a'], ['a']).mrr).toBe(0.01);
  });

  it('lies between 0 and 1, is 1 for the gold itself, and recall grows with k', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map(String), { maxLength: 40 });
    const gold = fc.uniqueArray(fc.integer({ min: 0, max: 40 }).map(String), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(ids, gold, (ranked, wanted) => {
        const measures = measure(ranked, wanted);
        for (const name of MEASURES) {
          expect(measures[name]).toBeGreaterThanOrEqual(0);
          expect(measures[name]).toBeLessThanOrEqual(1 + 1e-12);
          expect(measure(wanted, wanted)[name]).toBeCloseTo(1, 12);
        }
        expect(measures['recall@10']).toBeGreaterThanOrEqual(measures['recall@5']);
        expect(measures['recall@20']).toBeGreaterThanOrEqual(measures['recall@10']);
      }),
    );
  });

  it('refuses a query without gold', () => {
    expect(() => measure(['a'], [])).toThrow('without gold');
  });
});

describe('meanOf', () => {
  it('weighs every query alike and rounds to four decimals', () => {
    const score = meanOf([measure(['a'], ['a']), measure(['x'], ['a']), measure(['x'], ['a'])]);
    expect(score).toMatchObject({ 'recall@5': 0.3333, mrr: 0.3333, n: 3 });
  });

  it('refuses to average nothing', () => {
    expect(() => meanOf([])).toThrow('no query');
  });
});
