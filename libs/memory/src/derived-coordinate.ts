import { type Coordinate, coordinateOf, type MemoryId } from '@soma/core';

const DIMENSIONS = 3;
const SEED = 0x50_4d_46_4d;
const SCALE = 1e6;
const ID_SCALE = 1e-12;

/** Mulberry32: a 32-bit generator, uniform in [0, 1), the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Coordinate of a memory stored without one: the embedding projected to three dimensions by a fixed
 * matrix of signs (Achlioptas 2003: distances are kept in expectation), to six decimals, with the
 * next six taken from the memory's id. So near memories have near coordinates, and two memories of
 * the same text have two.
 */
export function derivedCoordinate(vector: Float32Array, id: MemoryId): Coordinate {
  const random = mulberry32(SEED);
  const sums = new Array<number>(DIMENSIONS).fill(0);
  for (const component of vector) {
    for (let axis = 0; axis < DIMENSIONS; axis++) {
      sums[axis] = (sums[axis] ?? 0) + (random() < 0.5 ? -component : component);
    }
  }
  const digits = id.replaceAll('-', '');
  return coordinateOf(
    sums.map((sum, axis) => {
      const offset = Number.parseInt(digits.slice(14 + axis * 5, 19 + axis * 5), 16) % SCALE;
      return Number((Math.round(sum * SCALE) / SCALE + offset * ID_SCALE).toFixed(12));
    }),
  );
}
