import fc from 'fast-check';
import { Random } from '../operations/random.ts';
import { calibrationError, fitCalibration, labelledSums } from './calibration.ts';
import type { Labelled } from './calibration.ts';
import { labelledQueries, slopes } from './labelled.fixture.ts';
import { weighted } from './labelled-query.ts';

const score = (sum: number, slope: number, intercept: number) =>
  1 / (1 + Math.exp(-(slope * sum + intercept)));

function drawn(seed: number, slope: number, intercept: number, count = 20_000): Labelled[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const sum = 6 * random.next();
    return { sum, evidence: random.next() < score(sum, slope, intercept), weight: 1 };
  });
}

describe('fitCalibration', () => {
  it('finds the logistic that the labels were drawn from', () => {
    const { slope, intercept } = fitCalibration(drawn(1, 1.5, -6));
    expect(slope).toBeCloseTo(1.5, 0);
    expect(intercept).toBeCloseTo(-6, 0);
    expect(calibrationError(drawn(1, 1.5, -6), { slope, intercept })).toBeLessThan(0.01);
  });

  it('is where the likelihood has no slope left', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: -1, max: 3, noNaN: true }),
        fc.double({ min: -4, max: 2, noNaN: true }),
        (seed, slope, intercept) => {
          const labelled = drawn(seed, slope, intercept, 200);
          const found = fitCalibration(labelled);
          const positive = labelled.filter(({ evidence }) => evidence).length;
          const high = (positive + 1) / (positive + 2);
          const low = 1 / (labelled.length - positive + 2);
          const loss = ([a = 0, b = 0]: Float64Array) =>
            labelled.reduce((total, { sum, evidence }) => {
              const target = evidence ? high : low;
              const share = score(sum, a, b);
              return total - target * Math.log(share) - (1 - target) * Math.log1p(-share);
            }, 0) / labelled.length;
          const at = Float64Array.of(found.slope, found.intercept);
          for (const left of slopes(loss, at)) expect(left).toBeCloseTo(0, 5);
        },
      ),
    );
  });

  it('stays finite where a sum parts evidence from the rest perfectly', () => {
    const parted = [1, 2, 8, 9].map((sum) => ({ sum, evidence: sum > 5, weight: 1 }));
    const { slope, intercept } = fitCalibration(parted);
    expect(slope).toBeGreaterThan(0);
    expect(Number.isFinite(intercept)).toBe(true);
  });
});

describe('calibrationError', () => {
  const at = (sum: number, evidence: boolean, weight = 1): Labelled => ({ sum, evidence, weight });
  const even = { slope: 1, intercept: 0 };

  it('is the distance of a score from the share of evidence that has it', () => {
    expect(calibrationError([at(0, true), at(0, false)], even)).toBe(0);
    expect(calibrationError([at(0, true), at(0, true)], even)).toBe(0.5);
    expect(calibrationError([at(0, true, 3), at(0, false)], even)).toBe(0.25);
  });

  it('is 0 to 1', () => {
    const labelled = fc.array(
      fc
        .tuple(fc.double({ min: -50, max: 50, noNaN: true }), fc.boolean())
        .map(([sum, evidence]) => at(sum, evidence)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(labelled, (list) => {
        const error = calibrationError(list, even);
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('labelledSums', () => {
  it('labels all candidates, or the best of each query', () => {
    const queries = weighted(
      labelledQueries(1, { queries: 3, candidates: 8, features: 2 }, [1, 1]),
      new Map(),
    );
    const weights = Float64Array.of(1, 1);
    expect(labelledSums(queries, weights)).toHaveLength(24);
    const first = labelledSums(queries, weights, 1);
    expect(first.map(({ evidence }) => evidence)).toEqual([true, true, true]);
  });
});
