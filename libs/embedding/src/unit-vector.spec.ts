import fc from 'fast-check';
import { unitVector } from './unit-vector.js';

describe(unitVector, () => {
  it('keeps the direction and gives length 1', () => {
    expect(unitVector([3, 4])).toEqual(Float32Array.of(0.6, 0.8));
  });

  it.each([[[0, 0]], [[Number.NaN, 1]], [[Number.POSITIVE_INFINITY, 1]], [[1e300, 1e300]], [[]]])(
    'has none for %j',
    (values) => {
      expect(unitVector(values)).toBeUndefined();
    },
  );

  it('is of length 1 for whatever has a direction', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (input) => {
        fc.pre(input.some((value) => Math.abs(value) > 1e-6));
        const unit = unitVector(input) ?? new Float32Array();
        expect(Math.hypot(...unit)).toBeCloseTo(1, 5);
      }),
    );
  });
});
