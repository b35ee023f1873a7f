import fc from 'fast-check';
import { dotProduct } from './dot-product.js';
import { exactTopK, rankExactly } from './exact-top-k.js';
import { usearchScan } from './scan-engine.js';
import { VectorSlab } from './vector-slab.js';

const unit = (dimension: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(fc.integer({ min: -3, max: 3 }), { minLength: dimension, maxLength: dimension })
    .filter((values) => values.some((value) => value !== 0))
    .map((values) => Float32Array.from(values, (value) => value / Math.hypot(...values)));

const slabOf = (vectors: readonly Float32Array[]): VectorSlab<number> => {
  const slab = new VectorSlab<number>(vectors[0]?.length ?? 1);
  for (const [index, vector] of vectors.entries())
    slab.add(`key-${index % 7}-${index}`, vector, index);
  return slab;
};

const seeded = (seed: number, dimension: number): Float32Array => {
  const raw = Array.from({ length: dimension }, (_, i) => Math.sin((seed + 1) * (i + 1) * 0.731));
  const norm = Math.hypot(...raw);
  return Float32Array.from(raw, (value) => value / norm);
};

describe(dotProduct.name, () => {
  it('is the sum of products, for any length and offset', () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 5 }), (values, offset) => {
        const query = Float32Array.from(values);
        const data = Float32Array.from([...Array<number>(offset).fill(7), ...values]);
        const expected = values.reduce((sum, value) => sum + value * value, 0);
        expect(dotProduct(query, data, offset)).toBe(expected);
      }),
    );
  });
});

describe(exactTopK.name, () => {
  const cases = fc.integer({ min: 1, max: 9 }).chain((dimension) =>
    fc.record({
      query: unit(dimension),
      vectors: fc.array(unit(dimension), { minLength: 1, maxLength: 120 }),
      k: fc.integer({ min: 1, max: 40 }),
    }),
  );

  it('gives what sorting everything gives, ties by key, with many equal vectors', () => {
    fc.assert(
      fc.property(cases, ({ query, vectors, k }) => {
        const slab = slabOf(vectors);
        const sorted = vectors
          .map((vector, row) => ({
            key: slab.keyOf(row),
            score: Math.max(-1, Math.min(1, dotProduct(query, vector, 0))),
          }))
          .sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
        const found = exactTopK(query, slab, k);
        expect(found.map(({ row }) => slab.keyOf(row))).toEqual(
          sorted.slice(0, k).map(({ key }) => key),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same answer with the engine as without it', () => {
    expect(usearchScan).not.toBeNull();
    fc.assert(
      fc.property(cases, ({ query, vectors, k }) => {
        const slab = slabOf(vectors);
        expect(exactTopK(query, slab, k, usearchScan)).toEqual(exactTopK(query, slab, k, null));
      }),
      { numRuns: 500 },
    );
  });

  it('does so for thousands of long vectors, where the engine does the work', () => {
    const slab = slabOf(Array.from({ length: 5000 }, (_, seed) => seeded(seed, 96)));
    let proposals = 0;
    const counting: typeof usearchScan = (query, data, limit) => {
      proposals += 1;
      return usearchScan?.(query, data, limit) ?? [];
    };
    for (let seed = 0; seed < 20; seed += 1) {
      const query = seeded(seed + 0.5, 96);
      const found = exactTopK(query, slab, 10, counting);
      expect(found).toHaveLength(10);
      expect(found).toEqual(exactTopK(query, slab, 10, null));
    }
    expect(proposals).toBe(20);
  });

  it('ranks a short list of items as it ranks a slab', () => {
    fc.assert(
      fc.property(cases, ({ query, vectors, k }) => {
        const slab = slabOf(vectors);
        const items = vectors.map((vector, row) => ({ key: slab.keyOf(row), vector }));
        const ranked = rankExactly(query, items, k);
        expect(ranked.map(({ item, score }) => [item.key, score])).toEqual(
          exactTopK(query, slab, k).map(({ row, score }) => [slab.keyOf(row), score]),
        );
      }),
    );
  });

  it('stays within -1 and 1 though unit vectors of float32 are not quite of length 1', () => {
    const vector = seeded(3, 768);
    const slab = slabOf([vector, vector.map((value) => -value)]);
    const scores = exactTopK(vector, slab, 2).map(({ score }) => score);
    expect(scores.every((score) => Math.abs(score) <= 1)).toBe(true);
  });
});
