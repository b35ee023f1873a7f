import fc from 'fast-check';
import { percentile, percentilesOf } from './percentiles.ts';

describe('percentile', () => {
  it('is the nearest rank of the worked example', () => {
    const samples = [15, 20, 35, 40, 50];
    expect([5, 30, 40, 50, 100].map((percent) => percentile(samples, percent))).toEqual([
      15, 20, 20, 35, 50,
    ]);
  });

  it('is a sample that at least the given share of samples does not exceed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (samples, percent) => {
          const value = percentile(samples, percent);
          const atMost = (bound: number): number => samples.filter((s) => s <= bound).length;
          const below = samples.filter((s) => s < value).length;
          expect(samples).toContain(value);
          expect(atMost(value) * 100).toBeGreaterThanOrEqual(percent * samples.length);
          expect(below * 100).toBeLessThan(percent * samples.length);
        },
      ),
    );
  });

  it('is not a number without samples', () => {
    expect(percentilesOf([])).toEqual({ p50: NaN, p95: NaN, p99: NaN });
  });
});
