import type { EmbeddingConfig } from '@soma/config';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { InProcessEmbeddingCache } from '@soma/embedding';
import { Metrics } from '@soma/observability';
import { ConfiguredEmbedders } from './configured-embedders.js';

const endpoint = { url: 'http://127.0.0.1:1/v1/embeddings', timeoutMs: 100, requestBudgetMs: 100 };
const OURS = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000001'));
const THEIRS = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000002'));
const provider = (dimension: number, joinHash = true): EmbeddingConfig => ({
  provider: 'openai',
  endpoint,
  model: 'tiny',
  dimension,
  joinHash,
});
const source = (config: EmbeddingConfig) =>
  new ConfiguredEmbedders(config, new InProcessEmbeddingCache(), new Metrics());
const opened = (config: EmbeddingConfig) => {
  const sut = source(config);
  return sut.open(sut.configured);
};

describe(ConfiguredEmbedders, () => {
  it('joins a small model with the hash, to 768 dimensions in all', () => {
    expect(opened(provider(384))).toMatchObject({
      model: 'openai:tiny:384+hash-v1:384',
      dimension: 768,
      isSemantic: true,
    });
    expect(opened(provider(640))).toMatchObject({ dimension: 768 });
  });

  it.each([641, 768, 1024])('leaves a model of %d dimensions alone', (dimension) => {
    expect(opened(provider(dimension))).toMatchObject({
      model: `openai:tiny:${dimension}`,
      dimension,
      isSemantic: true,
    });
  });

  it('leaves a small model alone when told to', () => {
    expect(opened(provider(384, false))).toMatchObject({ model: 'openai:tiny:384' });
  });

  it('never joins the hash with itself', () => {
    expect(opened({ provider: 'hash', dimension: 384 })).toMatchObject({
      model: 'hash-v1:384',
      dimension: 384,
      isSemantic: false,
    });
  });

  it.each([
    [{ model: 'hash' }, 'hash-v1:768'],
    [{ model: 'hash', dimension: 256 }, 'hash-v1:256'],
    [{ model: 'hash-v1:64' }, 'hash-v1:64'],
    [{ model: 'other' }, 'openai:other:384+hash-v1:384'],
    [{ model: 'other', joinHash: false }, 'openai:other:384'],
    [{ model: 'big', dimension: 1024 }, 'openai:big:1024'],
    [{ model: 'openai:exact:12' }, 'openai:exact:12'],
    [{}, 'openai:tiny:384+hash-v1:384'],
  ])('names %j as its embedder will', (request, name) => {
    const sut = source(provider(384));
    expect(sut.nameOf(request)).toBe(name);
    expect(sut.open(name).model).toBe(name);
  });

  it('opens a provider that is configured beside the hash, and none where there is none', () => {
    const model = 'openai:tiny:64';
    const config = { provider: 'hash', dimension: 768 } as const;
    expect(source({ ...config, endpoint }).open(model)).toMatchObject({ model, dimension: 64 });
    expect(() => source(config).open(model)).toThrow('SOMA_EMBEDDING_URL');
    expect(() => source(config).nameOf({ model: 'tiny' })).toThrow(SomaError);
    expect(() => source(config).open('unheard-of:1')).toThrow('knows no embedding model');
  });

  it('counts what the background embeds by each tenant, once, and limits none of it', async () => {
    const counted: [string, number][] = [];
    const meter = {
      spend: () => Promise.reject(new Error('The budget is used up.')),
      giveBack: () => undefined,
      record: ({ tenantId: tenant }: TenantScope, texts: number) => counted.push([tenant, texts]),
    };
    const cache = new InProcessEmbeddingCache();
    const source = new ConfiguredEmbedders(
      { provider: 'hash', dimension: 768 },
      cache,
      new Metrics(),
      meter,
    );
    await source.openPatient(source.configured).embed(OURS, ['one', 'two']);
    await source.openPatient(source.configured).embed(THEIRS, ['three']);
    expect(counted).toEqual([
      [OURS.tenantId, 2],
      [THEIRS.tenantId, 1],
    ]);
    await expect(source.open(source.configured).embed(OURS, ['four'])).rejects.toThrow('used up');
    expect(counted).toHaveLength(2);
  });
});
