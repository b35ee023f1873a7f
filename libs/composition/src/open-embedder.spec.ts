import type { EmbeddingConfig } from '@soma/config';
import { Metrics } from '@soma/observability';
import { openEmbedder } from './open-embedder.js';

const provider = (dimension: number, joinHash = true): EmbeddingConfig => ({
  provider: 'openai',
  url: 'http://127.0.0.1:1/v1/embeddings',
  model: 'tiny',
  dimension,
  joinHash,
  timeoutMs: 100,
});
const opened = (config: EmbeddingConfig) => openEmbedder(config, undefined, new Metrics());

describe(openEmbedder, () => {
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
});
