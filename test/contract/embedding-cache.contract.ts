import { randomUUID } from 'node:crypto';
import { TenantScope, tenantId } from '@soma/core';
import { embeddingKey, type EmbeddingCache } from '@soma/embedding';
import fc from 'fast-check';

const aScope = (): TenantScope => TenantScope.of(tenantId(randomUUID()));
const aVector = (first: number): Float32Array =>
  Float32Array.from({ length: 768 }, (_, i) => (i === 0 ? first : 1 / (i + 1)));

/** What every EmbeddingCache promises; `cacheOf` gives the one under test, with room for all. */
export function embeddingCacheContract(name: string, cacheOf: () => EmbeddingCache): void {
  describe(`${name} as an EmbeddingCache`, () => {
    const a = embeddingKey('model', 'a');
    const b = embeddingKey('model', 'b');
    let sut: EmbeddingCache;
    let scope: TenantScope;

    beforeEach(() => {
      sut = cacheOf();
      scope = aScope();
    });

    it('P44 returns what was stored, in the order of the keys', async () => {
      const entries = new Map([
        [a, aVector(1)],
        [b, aVector(2)],
      ]);
      await sut.setMany(scope, entries);

      expect(await sut.getMany(scope, [b, embeddingKey('model', 'c'), a, b])).toEqual([
        aVector(2),
        undefined,
        aVector(1),
        aVector(2),
      ]);
    });

    it('P44 does not return an entry of another tenant', async () => {
      const other = aScope();
      await sut.setMany(other, new Map([[a, aVector(1)]]));

      expect(await sut.getMany(scope, [a])).toEqual([undefined]);
      expect(await sut.getMany(other, [a])).toEqual([aVector(1)]);
    });

    it('keeps the entry of each tenant when both store the same key', async () => {
      const other = aScope();
      await sut.setMany(scope, new Map([[a, aVector(1)]]));
      await sut.setMany(other, new Map([[a, aVector(2)]]));

      expect(await sut.getMany(scope, [a])).toEqual([aVector(1)]);
      expect(await sut.getMany(other, [a])).toEqual([aVector(2)]);
    });

    it('does not return an entry of another model', async () => {
      await sut.setMany(scope, new Map([[a, aVector(1)]]));

      expect(await sut.getMany(scope, [embeddingKey('another model', 'a')])).toEqual([undefined]);
    });

    it('returns the newer of two entries of one key', async () => {
      await sut.setMany(scope, new Map([[a, aVector(1)]]));
      await sut.setMany(scope, new Map([[a, aVector(2)]]));

      expect(await sut.getMany(scope, [a])).toEqual([aVector(2)]);
    });

    it('takes no keys and no entries', async () => {
      await sut.setMany(scope, new Map());

      expect(await sut.getMany(scope, [])).toEqual([]);
    });

    it('is not changed by what happens to a vector outside', async () => {
      const stored = aVector(1);
      await sut.setMany(scope, new Map([[a, stored]]));
      stored[0] = 7;
      const [returned] = await sut.getMany(scope, [a]);
      returned?.fill(9);

      expect(await sut.getMany(scope, [a])).toEqual([aVector(1)]);
    });

    it('stores a part of a larger array as that part', async () => {
      await sut.setMany(scope, new Map([[a, Float32Array.of(1, 2, 3, 4).subarray(1, 3)]]));

      expect(await sut.getMany(scope, [a])).toEqual([Float32Array.of(2, 3)]);
    });

    it('returns every float32 bit for bit', async () => {
      const vectors = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(fc.array(vectors, { minLength: 1, maxLength: 5 }), async (all) => {
          const entries = new Map(
            all.map((values, i) => [embeddingKey('m', String(i)), Float32Array.from(values)]),
          );
          await sut.setMany(scope, entries);

          expect(await sut.getMany(scope, [...entries.keys()])).toEqual([...entries.values()]);
        }),
        { numRuns: 50 },
      );
    });

    it('takes a thousand entries at once', async () => {
      const keys = Array.from({ length: 1_000 }, (_, i) => embeddingKey('m', `text ${i}`));
      await sut.setMany(scope, new Map(keys.map((key, i) => [key, aVector(i)])));

      const found = await sut.getMany(scope, keys);

      expect(found.map((vector) => vector?.[0])).toEqual(keys.map((_key, i) => i));
    });
  });
}
