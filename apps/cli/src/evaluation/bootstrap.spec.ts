import fc from 'fast-check';
import { estimate } from './bootstrap.js';

const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});

describe(estimate.name, () => {
  it('lies between the least and the greatest value, the mean inside', () => {
    fc.assert(
      fc.property(values, (given) => {
        const { mean, low, high } = estimate(given);
        expect(low).toBeGreaterThanOrEqual(Math.min(...given) - 1e-9);
        expect(high).toBeLessThanOrEqual(Math.max(...given) + 1e-9);
        expect(low).toBeLessThanOrEqual(high);
        expect(mean).toBeCloseTo(given.reduce((sum, value) => sum + value, 0) / given.length, 12);
      }),
      { numRuns: 30 },
    );
  });

  it('says the same of the same values', () => {
    expect(estimate([0, 1, 1, 0.5])).toEqual(estimate([0, 1, 1, 0.5]));
  });

  it('is as wide as theory has it: 1.96 standard errors to each side', () => {
    const given = Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 1 : 0));
    const { low, high } = estimate(given);
    const expected = (2 * 1.96 * 0.5) / Math.sqrt(400);
    expect(Math.abs(high - low - expected)).toBeLessThan(0.015);
    expect(Math.abs((low + high) / 2 - 0.5)).toBeLessThan(0.01);
  });

  it('is no wider than the one value there is', () => {
    expect(estimate([0.25])).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  });
});
