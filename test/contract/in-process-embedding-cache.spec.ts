import { TenantScope, tenantId } from '@soma/core';
import { InProcessEmbeddingCache } from '@soma/embedding';
import { embeddingCacheContract } from './embedding-cache.contract.js';

embeddingCacheContract(InProcessEmbeddingCache.name, () => new InProcessEmbeddingCache());

describe(InProcessEmbeddingCache, () => {
  const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
  const vector = Float32Array.of(1, 0);
  const store = (sut: InProcessEmbeddingCache, ...keys: string[]): Promise<void> =>
    sut.setMany(scope, new Map(keys.map((key) => [key, vector])));

  it('forgets the least recently used entry when it is full', async () => {
    const sut = new InProcessEmbeddingCache({ maxBytes: 1_000 });
    await store(sut, 'a', 'b');
    await sut.getMany(scope, ['a']);
    await store(sut, 'c');

    expect(await sut.getMany(scope, ['a', 'b', 'c'])).toEqual([vector, undefined, vector]);
  });

  it('does not keep a vector that is larger than the cache', async () => {
    const sut = new InProcessEmbeddingCache({ maxBytes: 100 });
    await store(sut, 'a');

    expect(await sut.getMany(scope, ['a'])).toEqual([undefined]);
  });
});
