import { createHash } from 'node:crypto';
import { TenantScope, tenantId } from '@soma/core';
import fc from 'fast-check';
import { HashEmbedder } from './hash-embedder.js';

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const sut = new HashEmbedder();

const embedOne = async (text: string, embedder = sut): Promise<Float32Array> =>
  (await embedder.embed(scope, [text]))[0] ?? new Float32Array();
const lengthOf = (vector: Float32Array): number => Math.hypot(...vector);
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const checksum = (vector: Float32Array): string =>
  createHash('sha256').update(new Uint8Array(vector.buffer)).digest('hex').slice(0, 16);

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.lorem(),
  fc.string({ unit: 'grapheme' }),
);

describe(HashEmbedder, () => {
  it.each([
    ['The quick brown fox jumps over the lazy dog.', '350738e0b9ac0a66'],
    ['Caroline went hiking near the lake in May 2023', '6996cbbb17e06654'],
    ['我喜欢在山里散步', '4344c755247d372d'],
    ['Café ﬁancée ÅNGSTRÖM ½', 'f4b0ff9e819e153c'],
    ['🎉', '3070d25bbd8201ba'],
    ['', 'ef418517b483c220'],
  ])('P44 gives %j the same bytes on every machine', async (text, sha256) => {
    expect(checksum(await embedOne(text))).toBe(sha256);
  });

  it('P44 gives 768 dimensions, or as many as asked for', async () => {
    expect(await embedOne('a walk')).toHaveLength(768);
    expect(await embedOne('a walk', new HashEmbedder(96))).toHaveLength(96);
    expect(sut.model).not.toBe(new HashEmbedder(96).model);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d dimensions', (dimension) => {
    expect(() => new HashEmbedder(dimension)).toThrow(RangeError);
  });

  it('gives every text, even a blank one, a finite vector of length 1', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const vector = await embedOne(text);
        expect(vector.every(Number.isFinite)).toBe(true);
        expect(lengthOf(vector)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('gives a text of which all features fall on one place a vector', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect(lengthOf(await embedOne(text, new HashEmbedder(1)))).toBe(1);
      }),
    );
  });

  it.each(['🎉', '山', 'x', '7', '…', '🇫🇷', 'ไทย', '한국어'])(
    'tells %s from a blank text',
    async (text) => {
      expect(cosine(await embedOne(text), await embedOne(' '))).toBeLessThan(0.5);
    },
  );

  it('gives a text the same vector whatever is embedded with it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 6 }), async (texts) => {
        const together = await sut.embed(scope, texts);
        const reversed = await sut.embed(scope, texts.toReversed());
        const apart = await Promise.all(texts.map((text) => embedOne(text)));
        expect(together).toEqual(apart);
        expect(reversed.toReversed()).toEqual(apart);
      }),
    );
  });

  it('gives vectors in order past the point where it lets other work run', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `note ${i}`);
    const vectors = await sut.embed(scope, texts);

    expect(vectors).toHaveLength(300);
    expect(vectors[299]).toEqual(await embedOne('note 299'));
  });

  it('does not tell apart what NFKC and lower case make one', async () => {
    expect(await embedOne('Ｃａｆｅ\u0301 ﬁne')).toEqual(await embedOne('CAFÉ FINE'));
  });

  it.each([
    ['She hikes in the mountains', 'hiking up a mountain', 'The invoice was paid on Monday'],
    ['What did Caroline paint?', 'Caroline painted a sunrise', 'What did the bank say?'],
    ['我喜欢在山里散步', '他在山里散步', '今天股票市场下跌'],
    ['recieved the parcel', 'received the parcels', 'cancelled the meeting'],
  ])('puts %j nearer to %j than to %j', async (text, near, far) => {
    const vector = await embedOne(text);
    expect(cosine(vector, await embedOne(near))).toBeGreaterThan(
      cosine(vector, await embedOne(far)) + 0.1,
    );
  });

  it('puts a text nearer to itself with a word more than to other words', async () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{5,9}$/), {
      minLength: 13,
      maxLength: 13,
    });
    await fc.assert(
      fc.asyncProperty(words, async (all) => {
        const vector = await embedOne(all.slice(0, 6).join(' '));
        const longer = await embedOne(all.slice(0, 7).join(' '));
        const other = await embedOne(all.slice(7).join(' '));
        expect(cosine(vector, longer)).toBeGreaterThan(cosine(vector, other));
      }),
    );
  });
});
