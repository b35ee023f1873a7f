import { SomaError, TenantScope, tenantId } from '@soma/core';
import fc from 'fast-check';
import { CachedEmbedder } from './cached-embedder.js';
import { Embedder } from './embedder.js';
import { HashEmbedder } from './hash-embedder.js';
import { InProcessEmbeddingCache } from './in-process-embedding-cache.js';
import { JoinedEmbedder } from './joined-embedder.js';

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));

/** Stands for a language model: any vectors will do, so long as they are its own. */
class StandInModel extends Embedder {
  readonly model = 'stand-in:384';
  readonly dimension = 384;
  readonly isSemantic = true;
  readonly seen: { scope: TenantScope; texts: readonly string[] }[] = [];
  private readonly hash = new HashEmbedder(384);

  constructor(private readonly failure?: Error) {
    super();
  }

  async embed(forScope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    this.seen.push({ scope: forScope, texts });
    if (this.failure) throw this.failure;
    return this.hash.embed(
      forScope,
      texts.map((text) => `other words ${text}`),
    );
  }
}

const model = new StandInModel();
const hash = new HashEmbedder(384);
const sut = new JoinedEmbedder(model, hash);

const embedOne = async (embedder: Embedder, text: string): Promise<Float32Array> =>
  (await embedder.embed(scope, [text]))[0] ?? new Float32Array();
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.lorem());

describe(JoinedEmbedder, () => {
  it('P44 says what it is made of', () => {
    expect(sut).toMatchObject({ model: 'stand-in:384+hash-v1:384', dimension: 768 });
  });

  it('is semantic where one of its halves is', () => {
    expect(sut.isSemantic).toBe(true);
    expect(new JoinedEmbedder(hash, model).isSemantic).toBe(true);
    expect(new JoinedEmbedder(hash, hash).isSemantic).toBe(false);
    const cached = (embedder: Embedder) =>
      new CachedEmbedder(embedder, new InProcessEmbeddingCache()).isSemantic;
    expect([cached(sut), cached(hash)]).toEqual([true, false]);
  });

  it('gives every text a vector of length 1, the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const vector = await embedOne(sut, text);
        expect(vector).toHaveLength(768);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
        expect(vector).toEqual(await embedOne(sut, text));
      }),
    );
  });

  it('makes the cosine 0.7 of the one and 0.3 of the other', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (left, right) => {
        const by = async (embedder: Embedder): Promise<number> =>
          cosine(await embedOne(embedder, left), await embedOne(embedder, right));
        expect(await by(sut)).toBeCloseTo(0.7 * (await by(model)) + 0.3 * (await by(hash)), 5);
      }),
    );
  });

  it('gives vectors in the order of the texts, asked for in one call and by the caller', async () => {
    const asked = new StandInModel();
    const texts = ['a lake', 'two boats', 'a lake'];
    const vectors = await new JoinedEmbedder(asked, hash).embed(scope, texts);

    expect(asked.seen).toEqual([{ scope, texts }]);
    expect(vectors).toEqual(await Promise.all(texts.map((text) => embedOne(sut, text))));
    expect(await sut.embed(scope, [])).toEqual([]);
  });

  it('fails as its provider fails', async () => {
    const failure = new SomaError('EMBEDDING_UNAVAILABLE', 'no answer', { retryAfterSeconds: 7 });
    const failing = new JoinedEmbedder(new StandInModel(failure), hash);

    await expect(failing.embed(scope, ['a'])).rejects.toBe(failure);
  });
});
