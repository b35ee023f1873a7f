import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError, TenantScope, tenantId } from '@soma/core';
import { OpenAiEmbedder, type OpenAiEmbedderOptions } from './openai-embedder.js';
import {
  body,
  hang,
  lengthVector,
  ok,
  reset,
  ScriptedProvider,
  status,
  type Answer,
} from './scripted-provider.fixture.js';
import { unitVector } from './unit-vector.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const API_KEY = 'sk-very-secret';
const vectorOf = (text: string) => unitVector(lengthVector(text));
const vectors = (...embeddings: unknown[]): Answer =>
  body(JSON.stringify({ data: embeddings.map((embedding) => ({ embedding })) }));
const slow =
  (ms: number): Answer =>
  (response, request) =>
    void sleep(ms).then(() => ok(response, request));

describe(OpenAiEmbedder, () => {
  let provider: ScriptedProvider;
  let url: string;

  const embedder = (options: Partial<OpenAiEmbedderOptions> = {}): OpenAiEmbedder =>
    new OpenAiEmbedder({
      url,
      model: 'tiny',
      apiKey: API_KEY,
      dimension: 2,
      timeoutMs: 2_000,
      backoffMs: 5,
      ...options,
    });
  const failure = async (sut: OpenAiEmbedder, texts = ['a text']): Promise<SomaError> => {
    const error: unknown = await sut.embed(scope, texts).catch((thrown: unknown) => thrown);
    if (!(error instanceof SomaError)) throw new Error(`Not a SomaError: ${inspect(error)}`);
    expect(error.code).toBe('EMBEDDING_UNAVAILABLE');
    expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(inspect(error, { depth: 10 })).not.toContain(API_KEY);
    return error;
  };

  beforeEach(async () => {
    provider = new ScriptedProvider();
    url = await provider.start();
  });
  afterEach(() => provider.stop());

  describe('when the provider answers well', () => {
    it('P44 embeds texts in batches and gives the vectors in order', async () => {
      const texts = Array.from({ length: 10 }, (_, i) => 'x'.repeat(i + 1));

      const embedded = await embedder({ batchSize: 4 }).embed(scope, texts);

      expect(embedded).toEqual(texts.map(vectorOf));
      expect(provider.seen.map((request) => request.body.input.length).toSorted()).toEqual([
        2, 4, 4,
      ]);
    });

    it('sends the model and the key, and dimensions only where asked to', async () => {
      await embedder().embed(scope, ['a']);
      await embedder({ apiKey: undefined, requestDimensions: true }).embed(scope, ['a']);

      expect(provider.seen).toEqual([
        {
          url: '/v1/embeddings',
          authorization: `Bearer ${API_KEY}`,
          body: { model: 'tiny', input: ['a'] },
        },
        {
          url: '/v1/embeddings',
          authorization: undefined,
          body: { model: 'tiny', input: ['a'], dimensions: 2 },
        },
      ]);
    });

    it.each(['', '/', '/v1', '/v1/', '/v1/embeddings'])(
      'finds the endpoint from a URL that ends in %j',
      async (path) => {
        const base = url.replace('/v1/embeddings', path);
        await embedder({ url: base }).embed(scope, ['a']);

        expect(provider.seen[0]?.url).toBe('/v1/embeddings');
      },
    );

    it('asks for nothing when there are no texts', async () => {
      expect(await embedder().embed(scope, [])).toEqual([]);
      expect(provider.seen).toEqual([]);
    });

    it('never has more requests under way than its concurrency', async () => {
      provider.answers(slow(20));
      const texts = Array.from({ length: 12 }, (_, i) => `text ${i}`);

      await embedder({ batchSize: 1, concurrency: 3 }).embed(scope, texts);

      expect(provider.mostAtOnce).toBe(3);
    });
  });

  describe('when it is made with what no request can hold', () => {
    it('refuses a key, without showing it', () => {
      expect(() => embedder({ apiKey: `${API_KEY}\nx` })).toThrow(/^SOMA_EMBEDDING_API_KEY has/);
    });

    it('refuses a password in the URL, without showing it', () => {
      const withPassword = url.replace('http://', `http://me:${API_KEY}@`);
      expect(() => embedder({ url: withPassword })).toThrow(/^SOMA_EMBEDDING_URL holds/);
    });
  });

  describe('when the provider stumbles', () => {
    it.each([
      ['a 500', status(500)],
      ['a 503', status(503)],
      ['a 429', status(429)],
      ['a connection reset', reset],
      ['an answer that is not JSON', body('<html>')],
    ])('tries again after %s', async (_case, answer) => {
      provider.answers(answer, ok);

      expect(await embedder().embed(scope, ['abc'])).toEqual([vectorOf('abc')]);
      expect(provider.seen).toHaveLength(2);
    });

    it('tries again after a request that hung', async () => {
      provider.answers(hang, ok);

      expect(await embedder({ attemptTimeoutMs: 100 }).embed(scope, ['abc'])).toEqual([
        vectorOf('abc'),
      ]);
    });

    it('waits as long as Retry-After asks', async () => {
      provider.answers(status(429, { 'retry-after': '0.3' }), ok);
      const start = performance.now();

      await embedder().embed(scope, ['abc']);

      expect(performance.now() - start).toBeGreaterThanOrEqual(295);
    });

    it('does not wait for a Retry-After beyond its deadline, but passes it on', async () => {
      provider.answers(status(429, { 'retry-after': '30' }), ok);
      const start = performance.now();

      const error = await failure(embedder());

      expect(performance.now() - start).toBeLessThan(1_000);
      expect(error.retryAfterSeconds).toBe(30);
      expect(error.message).toContain('429');
    });

    it('gives up after as many requests as allowed', async () => {
      provider.answers(status(500));

      const error = await failure(embedder({ maxAttempts: 3 }));

      expect(error.message).toContain('500');
      expect(provider.seen).toHaveLength(3);
    });

    it.each([400, 401, 403, 404, 413, 302])('does not try again after a %d', async (code) => {
      provider.answers(status(code, { location: url }), ok);

      const error = await failure(embedder());

      expect(error.message).toContain(String(code));
      expect(provider.seen).toHaveLength(1);
    });
  });

  describe('when the provider answers something else', () => {
    it.each([
      ['another dimension', vectors([1, 0, 0]), /set SOMA_EMBEDDING_DIMENSION=3/],
      ['too few vectors', body('{"data":[]}'), /0 vectors for 1 texts/],
      ['too many vectors', vectors([1, 0], [1, 0]), /2 vectors for 1 texts/],
      ['NaN', body('{"data":[{"embedding":[NaN,1]}]}'), /not JSON/],
      ['an infinite number', body('{"data":[{"embedding":[1e999,1]}]}'), /embedding\.0/],
      ['numbers as text', vectors(['1', '0']), /embedding\.0/],
      ['zeros', vectors([0, 0]), /without a direction/],
      ['no vectors at all', body('[]'), /not that of \/v1\/embeddings/],
    ])('refuses %s', async (_case, answer, message) => {
      provider.answers(answer);

      expect((await failure(embedder())).message).toMatch(message);
    });

    it('repeats neither the key nor the text that the provider quotes', async () => {
      provider.answers(status(401, {}, `{"error":"bad key ${API_KEY} for my diary"}`));

      const error = await failure(embedder(), ['my diary']);

      expect(inspect(error, { depth: 10 })).not.toContain('diary');
    });

    it('is unavailable when nothing listens', async () => {
      const error = await failure(embedder({ url: 'http://127.0.0.1:1/v1', maxAttempts: 2 }));

      expect(error.message).toContain('cannot be reached');
    });
  });

  describe('when time runs out', () => {
    it('fails at its deadline while requests hang and are tried again', async () => {
      provider.answers(hang);
      const start = performance.now();

      const error = await failure(embedder({ timeoutMs: 300, attemptTimeoutMs: 80 }));

      expect(performance.now() - start).toBeLessThan(600);
      expect(error.message).toContain('did not answer within');
    });

    it('fails at its deadline while it waits for its turn', async () => {
      provider.answers(slow(200));
      const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
      const start = performance.now();

      await failure(embedder({ timeoutMs: 300, batchSize: 1, concurrency: 1 }), texts);
      await sleep(300);

      expect(performance.now() - start).toBeLessThan(1_000);
      expect(provider.seen.length).toBeLessThanOrEqual(2);
    });

    it('fails when the answer begins and never ends', async () => {
      provider.answers((response) => response.write('{"data":['));

      const error = await failure(embedder({ timeoutMs: 300, attemptTimeoutMs: 290 }));

      expect(error.message).toContain('did not answer within');
    });

    it('stops the other batches once one has failed', async () => {
      provider.answers(status(400), slow(50));
      const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);

      await failure(embedder({ batchSize: 1, concurrency: 2 }), texts);
      await sleep(200);

      expect(provider.seen.length).toBeLessThanOrEqual(4);
    });
  });

  describe('when the provider stays down', () => {
    const options = { maxAttempts: 1, breakerFailures: 3, breakerOpenMs: 300 };

    it('stops asking, says when to come back, and recovers', async () => {
      const sut = embedder(options);
      provider.answers(status(500));
      for (let i = 0; i < 3; i++) await failure(sut);

      const refused = await failure(sut);
      expect(refused.message).toContain('given a pause');
      expect(refused.retryAfterSeconds).toBe(1);
      expect(provider.seen).toHaveLength(3);

      provider.answers(ok);
      await sleep(320);
      expect(await sut.embed(scope, ['abc'])).toEqual([vectorOf('abc')]);
      expect(await sut.embed(scope, ['abcd'])).toEqual([vectorOf('abcd')]);
    });

    it('pauses again when the first request after a pause fails', async () => {
      const sut = embedder(options);
      provider.answers(status(500));
      for (let i = 0; i < 3; i++) await failure(sut);
      await sleep(320);

      await failure(sut);
      const refused = await failure(sut);

      expect(refused.message).toContain('given a pause');
      expect(provider.seen).toHaveLength(4);
    });

    it('does not take a refused text or a busy provider for an outage', async () => {
      const sut = embedder(options);
      provider.answers(status(400), status(429), status(400), status(429), status(400), ok);
      for (let i = 0; i < 5; i++) await failure(sut);

      expect(await sut.embed(scope, ['abc'])).toEqual([vectorOf('abc')]);
    });
  });
});
