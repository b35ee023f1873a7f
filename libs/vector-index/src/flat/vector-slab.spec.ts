import fc from 'fast-check';
import { VectorSlab } from './vector-slab.js';

const change = fc.record({
  key: fc.integer({ min: 0, max: 200 }).map(String),
  isRemoval: fc.boolean(),
  vector: fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true })),
});

describe(VectorSlab.name, () => {
  it('holds what a map would hold, after any adds and removals', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400, size: 'max' }), (changes) => {
        const slab = new VectorSlab<string>(2);
        const model = new Map<string, number[]>();
        for (const { key, isRemoval, vector } of changes) {
          if (isRemoval) {
            expect(slab.remove(key)).toBe(model.delete(key) ? `value of ${key}` : undefined);
          } else {
            slab.add(key, Float32Array.from(vector), `value of ${key}`);
            if (!model.has(key)) model.set(key, [...Float32Array.from(vector)]);
          }
        }
        const held = Array.from({ length: slab.count }, (_, row): [string, number[]] => [
          slab.keyOf(row),
          [...slab.data.subarray(row * 2, row * 2 + 2)],
        ]);
        expect(new Map(held)).toEqual(model);
        expect(held).toHaveLength(model.size);
        for (const [row, [key]] of held.entries()) {
          expect(slab.valueOf(row)).toBe(`value of ${key}`);
        }
      }),
    );
  });

  it('doubles when full, so that adding stays cheap', () => {
    const slab = new VectorSlab<number>(1);
    const sizes = new Set<number>();
    for (let index = 0; index < 1000; index += 1) {
      slab.add(String(index), Float32Array.of(index), index);
      sizes.add(slab.bytes / Float32Array.BYTES_PER_ELEMENT);
    }
    expect([...sizes]).toEqual([64, 128, 256, 512, 1024]);
  });

  it('has no row beyond its last', () => {
    expect(() => new VectorSlab<number>(1).keyOf(0)).toThrow(RangeError);
  });
});
