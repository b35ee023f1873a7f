import { memoryId } from '@soma/core';
import fc from 'fast-check';
import { derivedCoordinate } from './derived-coordinate.js';

const ID = memoryId('01a1fe01-e193-705a-8446-a1143b14d387');
const OTHER = memoryId('01a1fe01-e193-7abc-9446-f2243b14d311');
const component = fc.float({ min: -1, max: 1, noNaN: true });
const vector = fc
  .array(component, { minLength: 768, maxLength: 768 })
  .map((values) => Float32Array.from(values, (value) => value / 28));

const distance = (left: readonly number[], right: readonly number[]): number =>
  Math.hypot(...left.map((value, axis) => value - (right[axis] ?? 0)));

describe(derivedCoordinate.name, () => {
  it('is the same for the same vector and id', () => {
    const fixed = Float32Array.from({ length: 768 }, (_, at) => Math.sin(at) / 20);
    expect(derivedCoordinate(fixed, ID).text).toBe(derivedCoordinate(fixed, ID).text);
    expect(derivedCoordinate(fixed, ID).values).toHaveLength(3);
  });

  it('differs for two memories of one text, by less than a millionth on each axis', () => {
    fc.assert(
      fc.property(vector, (given) => {
        const [left, right] = [derivedCoordinate(given, ID), derivedCoordinate(given, OTHER)];
        expect(left.text).not.toBe(right.text);
        expect(distance(left.values, right.values)).toBeLessThan(2e-6);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps near vectors near: the distance grows at most with that of the vectors', () => {
    fc.assert(
      fc.property(vector, fc.nat(767), component, (given, at, change) => {
        const moved = given.slice();
        moved[at] = (moved[at] ?? 0) + change / 28;
        const gap = distance(
          derivedCoordinate(given, ID).values,
          derivedCoordinate(moved, ID).values,
        );
        expect(gap).toBeLessThanOrEqual((Math.sqrt(3) * Math.abs(change)) / 28 + 1e-5);
      }),
      { numRuns: 20 },
    );
  });
});
