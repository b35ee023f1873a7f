import { TenantScope, tenantId } from '@soma/core';
import { CachedEmbedder, type EmbeddingCacheUse } from './cached-embedder.js';
import { Embedder } from './embedder.js';
import { embeddingKey } from './embedding-cache.js';
import { HashEmbedder } from './hash-embedder.js';
import { InProcessEmbeddingCache } from './in-process-embedding-cache.js';

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const foreign = TenantScope.of(tenantId('0190bbbb-0000-7000-8000-000000000002'));

class RecordingEmbedder extends Embedder {
  readonly model: string;
  readonly isSemantic = true;
  readonly calls: string[][] = [];
  private readonly hash: HashEmbedder;

  constructor(readonly dimension = 16) {
    super();
    this.hash = new HashEmbedder(dimension);
    this.model = this.hash.model;
  }

  async embed(forScope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    this.calls.push([...texts]);
    return this.hash.embed(forScope, texts);
  }
}

describe(CachedEmbedder, () => {
  let inner: RecordingEmbedder;
  let cache: InProcessEmbeddingCache;
  let uses: EmbeddingCacheUse[];
  let sut: CachedEmbedder;

  beforeEach(() => {
    inner = new RecordingEmbedder();
    cache = new InProcessEmbeddingCache();
    uses = [];
    sut = new CachedEmbedder(inner, cache, (use) => uses.push(use));
  });

  it('P44 embeds a text once and then answers from the cache', async () => {
    const first = await sut.embed(scope, ['a', 'b']);
    const second = await sut.embed(scope, ['b', 'c', 'a']);

    expect(inner.calls).toEqual([['a', 'b'], ['c']]);
    expect(second).toEqual([first[1], (await inner.embed(scope, ['c']))[0], first[0]]);
    expect(uses).toEqual([
      { hits: 0, misses: 2 },
      { hits: 2, misses: 1 },
    ]);
  });

  it('P44 does not answer from what another tenant had embedded', async () => {
    await sut.embed(foreign, ['a']);
    await sut.embed(scope, ['a']);

    expect(inner.calls).toEqual([['a'], ['a']]);
    expect(uses).toEqual([
      { hits: 0, misses: 1 },
      { hits: 0, misses: 1 },
    ]);
  });

  it('embeds a text that is there twice once', async () => {
    const vectors = await sut.embed(scope, ['a', 'b', 'a']);

    expect(inner.calls).toEqual([['a', 'b']]);
    expect(vectors).toEqual(await inner.embed(scope, ['a', 'b', 'a']));
  });

  it('has the model and the dimension of its embedder', () => {
    expect([sut.model, sut.dimension]).toEqual([inner.model, 16]);
  });

  it('does not answer with the vector of another model', async () => {
    const other = new RecordingEmbedder(8);
    await sut.embed(scope, ['a']);

    const [vector] = await new CachedEmbedder(other, cache).embed(scope, ['a']);

    expect(vector).toHaveLength(8);
    expect(other.calls).toEqual([['a']]);
  });

  it('does not answer with an entry of another length', async () => {
    await cache.setMany(scope, new Map([[embeddingKey(inner.model, 'a'), Float32Array.of(1)]]));

    expect(await sut.embed(scope, ['a'])).toEqual(await inner.embed(scope, ['a']));
  });

  it('asks nobody for no texts', async () => {
    expect(await sut.embed(scope, [])).toEqual([]);
    expect(inner.calls).toEqual([]);
  });

  it('keeps nothing of a call that failed', async () => {
    const failing = new RecordingEmbedder();
    failing.embed = () => Promise.reject(new Error('down'));

    await expect(new CachedEmbedder(failing, cache).embed(scope, ['a'])).rejects.toThrow('down');
    await sut.embed(scope, ['a']);

    expect(inner.calls).toEqual([['a']]);
  });
});

describe(embeddingKey, () => {
  it('differs by text and by model', () => {
    const keys = [
      embeddingKey('m', 'a'),
      embeddingKey('m', 'b'),
      embeddingKey('n', 'a'),
      embeddingKey('m', '\ud800'),
      embeddingKey('m', '\ud801'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows neither the text nor the model', () => {
    expect(embeddingKey('m', 'diary')).toMatch(/^[0-9a-f]{16}:[0-9a-f]{64}$/);
  });
});
