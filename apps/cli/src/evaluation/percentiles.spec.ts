import fc from 'fast-check';
import { latencyOf } from './percentiles.js';

describe(latencyOf.name, () => {
  it('has at least its share of the values at or below it, and is one of them', () => {
    const times = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(times, (values) => {
        const found = latencyOf(values);
        for (const [limit, share] of [
          [found?.p50 ?? NaN, 0.5],
          [found?.p95 ?? NaN, 0.95],
        ] as const) {
          expect(values).toContain(limit);
          const below = values.filter((value) => value <= limit).length;
          expect(below / values.length).toBeGreaterThanOrEqual(share);
        }
      }),
    );
  });

  it('of nothing is nothing', () => {
    expect(latencyOf([])).toBeNull();
  });
});
