import { randomUUID } from 'node:crypto';
import { ConfiguredEmbedders } from '@soma/composition';
import { parseConfig } from '@soma/config';
import { TenantScope, tenantId } from '@soma/core';
import { type Embedder, HashEmbedder, InProcessEmbeddingCache } from '@soma/embedding';
import { Metrics } from '@soma/observability';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const url = process.env['SOMA_TEST_EMBEDDING_URL'];
if (!url) {
  throw new Error(
    'SOMA_TEST_EMBEDDING_URL is not set. Run this through the servers of tools/services: npm run test:integration.',
  );
}

/** As a process opens it whose environment names the server. */
const opened = (settings: Record<string, string> = {}): Embedder => {
  const { embedding } = parseConfig({
    SOMA_EMBEDDING_PROVIDER: 'openai',
    SOMA_EMBEDDING_URL: url,
    SOMA_EMBEDDING_MODEL: 'all-MiniLM-L6-v2',
    SOMA_EMBEDDING_DIMENSION: '384',
    // A test machine does much else beside; the deadline has a test of its own.
    SOMA_EMBEDDING_TIMEOUT_MS: '60000',
    ...settings,
  });
  const source = new ConfiguredEmbedders(embedding, new InProcessEmbeddingCache(), new Metrics());
  return source.openPatient(source.configured);
};
const aScope = (): TenantScope => TenantScope.of(tenantId(randomUUID()));
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const largestDifference = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

/** Two ways to say the same, without a word in common. */
const PARAPHRASES = [
  ['The physician examined her patient', 'A doctor looked at someone who was ill'],
  ['He purchased an automobile', 'She bought a car'],
  ['Our kitten sleeps on the sofa', 'a cat naps in its bed'],
  ['Rain is expected tomorrow', 'the weather forecast promises showers'],
  ['They got married in June', 'Her wedding took place last summer'],
  ['My laptop will not boot', 'this computer fails to start up'],
] as const;

/** For each first saying, which of the second sayings is nearest. */
async function nearest(embedder: Embedder): Promise<number[]> {
  const scope = aScope();
  const asked = await embedder.embed(
    scope,
    PARAPHRASES.map(([text]) => text),
  );
  const stored = await embedder.embed(
    scope,
    PARAPHRASES.map(([, text]) => text),
  );
  return asked.map((query) => {
    const scores = stored.map((vector) => cosine(query, vector));
    return scores.indexOf(Math.max(...scores));
  });
}

describe('a real sentence-embedding model behind an OpenAI-compatible server', () => {
  it('P44 is joined with the hash to vectors of 768 dimensions and length 1', async () => {
    const sut = opened();
    expect(sut).toMatchObject({
      model: 'openai:all-MiniLM-L6-v2:384+hash-v1:384',
      dimension: 768,
      isSemantic: true,
    });
    for (const vector of await sut.embed(aScope(), ['A walk by the lake', '', '🎉', '山'])) {
      expect(vector).toHaveLength(768);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it('gives its own 384 dimensions where the hash is switched off', async () => {
    const [vector] = await opened({ SOMA_EMBEDDING_JOIN_HASH: 'off' }).embed(aScope(), ['A walk']);
    expect(vector).toHaveLength(384);
  });

  it('finds what says the same in other words, which the hash alone does not', async () => {
    const right = PARAPHRASES.map((_, i) => i);
    expect(await nearest(opened())).toEqual(right);
    expect(await nearest(new HashEmbedder())).not.toEqual(right);
  });

  it('gives a text the same vector alone as among many', async () => {
    const texts = Array.from(
      { length: 70 },
      (_, i) => `note ${i}${' about the garden'.repeat(i % 7)}`,
    );
    const together = await opened().embed(aScope(), texts);
    for (const i of [0, 13, 69]) {
      const [alone] = await opened().embed(aScope(), [texts[i]!]);
      expect(largestDifference(alone!, together[i]!)).toBeLessThan(1e-5);
    }
    expect(largestDifference(together[0]!, together[1]!)).toBeGreaterThan(0.01);
  });

  it('says which dimension to set when another is configured', async () => {
    const wrong = opened({ SOMA_EMBEDDING_DIMENSION: '768' });
    await expect(wrong.embed(aScope(), ['a'])).rejects.toMatchObject({
      code: 'EMBEDDING_UNAVAILABLE',
      message: expect.stringMatching(/384 dimensions, 768.*SOMA_EMBEDDING_DIMENSION=384/),
    });
  });

  it('keeps its deadline when there is more to embed than time', async () => {
    const sut = opened({ SOMA_EMBEDDING_TIMEOUT_MS: '100' });
    const texts = Array.from({ length: 40 }, (_, i) => `${i} ${'and so on '.repeat(40)}`);
    const begun = performance.now();
    await expect(sut.embed(aScope(), texts)).rejects.toMatchObject({
      code: 'EMBEDDING_UNAVAILABLE',
      message: expect.stringContaining('did not answer within'),
    });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
