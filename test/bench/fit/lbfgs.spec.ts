import fc from 'fast-check';
import { minimise } from './lbfgs.ts';
import type { Evaluated } from './lbfgs.ts';

const coordinate = fc.double({ min: -3, max: 3, noNaN: true });

/** (1 - x)^2 + 100 (y - x^2)^2: a bent valley, its floor at (1, 1). */
function rosenbrock([x = 0, y = 0]: Float64Array): Evaluated {
  return {
    value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
  };
}

describe('minimise', () => {
  it('finds the floor of a bent valley from anywhere', () => {
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        const found = minimise(rosenbrock, Float64Array.of(x, y), {
          iterations: 2_000,
          tolerance: 0,
        });
        expect(found[0]).toBeCloseTo(1, 4);
        expect(found[1]).toBeCloseTo(1, 4);
      }),
    );
  });

  it('finds the bottom of a bowl, however stretched', () => {
    const bowl = fc.array(fc.tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), coordinate), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(bowl, (axes) => {
        const found = minimise(
          (point) => ({
            value: axes.reduce((sum, [a, m], i) => sum + a * (point[i]! - m) ** 2, 0),
            gradient: Float64Array.from(axes, ([a, m], i) => 2 * a * (point[i]! - m)),
          }),
          new Float64Array(axes.length),
          { iterations: 1_000, tolerance: 1e-15 },
        );
        for (const [i, [, middle]] of axes.entries()) expect(found[i]).toBeCloseTo(middle, 3);
      }),
    );
  });

  it('never ends higher than it began', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.nat(20), (x, y, iterations) => {
        const start = Float64Array.of(x, y);
        const end = minimise(rosenbrock, start, { iterations });
        expect(rosenbrock(end).value).toBeLessThanOrEqual(rosenbrock(start).value);
        expect([...start]).toEqual([x, y]);
      }),
    );
  });

  it('leaves a coordinate alone whose slope is 0', () => {
    const found = minimise(
      ([x = 0]) => ({ value: x * x, gradient: Float64Array.of(2 * x, 0) }),
      Float64Array.of(5, 7),
    );
    expect(found[0]).toBeCloseTo(0, 4);
    expect(found[1]).toBe(7);
  });
});
