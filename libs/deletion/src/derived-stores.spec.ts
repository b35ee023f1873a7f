import { memoryId, tenantId, TenantScope } from '@soma/core';
import { embeddingKey, InProcessEmbeddingCache, textDigest } from '@soma/embedding';
import { blankAttributes, FlatVectorIndex } from '@soma/vector-index';
import { CachedEmbeddingsStore } from './cached-embeddings-store.js';
import { IndexEntriesStore } from './index-entries-store.js';

const OURS = TenantScope.of(tenantId('11111111-1111-1111-1111-111111111111'));
const THEIRS = TenantScope.of(tenantId('22222222-2222-2222-2222-222222222222'));
const MEMORY = memoryId('019aa5a0-1111-7000-8000-000000000001');
const VECTOR = Float32Array.of(1, 0);
/** One that is used, and one that is being built beside it. */
const MODELS = ['used', 'coming'];
const modelsInUse = () => Promise.resolve(MODELS);
/** What is remembered of a memory whose entry of the model in use alone was noted. */
const DELETED = {
  memoryId: MEMORY,
  entry: { id: 'used-entry', model: 'used', namespace: 'default' },
  textDigests: [textDigest('tea')],
};

describe(IndexEntriesStore.name, () => {
  it('removes the entries of every model in use, and none of another tenant', async () => {
    const index = new FlatVectorIndex();
    for (const scope of [OURS, THEIRS]) {
      for (const model of MODELS) {
        const entry = { entryId: `${model}-entry`, memoryId: MEMORY, namespace: 'default', model };
        const attributes = blankAttributes('episodic');
        await index.insert(scope, [{ ...entry, vector: VECTOR, attributes }]);
      }
    }
    const sut = new IndexEntriesStore(index, modelsInUse);
    expect(await sut.clear(OURS, [DELETED])).toEqual({ index_entries: 0, index_neighbours: 0 });
    for (const model of MODELS) {
      expect(await index.count(OURS, { model })).toBe(0);
      expect(await index.count(THEIRS, { model })).toBe(1);
    }
  });
});

describe(CachedEmbeddingsStore.name, () => {
  it('forgets the vectors of every model in use, and none of another tenant', async () => {
    const cache = new InProcessEmbeddingCache();
    const keys = MODELS.map((model) => embeddingKey(model, 'tea'));
    for (const scope of [OURS, THEIRS]) {
      await cache.setMany(scope, new Map(keys.map((key) => [key, VECTOR])));
    }
    const sut = new CachedEmbeddingsStore(cache, modelsInUse);
    expect(await sut.clear(OURS, [DELETED])).toEqual({ embedding_cache: 0 });
    expect(await cache.count(OURS, keys)).toBe(0);
    expect(await cache.count(THEIRS, keys)).toBe(2);
  });
});
