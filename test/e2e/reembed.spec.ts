import { setTimeout as sleep } from 'node:timers/promises';
import type { Reembedding } from '@soma/indexing';
import { BACKWARDS, type EmbeddingProvider, startEmbeddingProvider } from './embedding-provider.js';
import { ok, problem } from './http.js';
import { ReembedLoad, textOf } from './reembed-load.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';
import { createOwnStack, type OwnStack } from './stack.js';

const MEMORIES = Number(process.env['SOMA_REEMBED_MEMORIES'] ?? 500);
const FOREIGN = 60;
const BULK = 200;
const SPELLING = 'openai:spelling:64';
const REVERSED = `openai:${BACKWARDS}:64`;

describe('changing the embedding model', () => {
  let stack: OwnStack;
  let provider: EmbeddingProvider;
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let load: ReembedLoad;

  const operator = <Body>(method: string, path: string, body?: object) =>
    service.request<Body>(method, path, { token: OPERATOR_TOKEN, body });
  /** Under load its turn may not come in time: then it is asked again, as a client would. */
  const status = async (): Promise<Reembedding> => {
    for (;;) {
      const answer = await operator<Reembedding>('GET', '/admin/reembed');
      if (answer.status !== 503) return ok(Promise.resolve(answer));
      await sleep(100);
    }
  };
  const stateOf = async (model: string) =>
    (await status()).models.find((used) => used.model === model)?.state;
  const until = async (model: string, state: string | undefined): Promise<void> => {
    while ((await stateOf(model)) !== state) await sleep(100);
  };
  const untilAnswers = async (model: 'spelling' | typeof BACKWARDS, answers: number) => {
    while (load.report.by[model] < answers) await sleep(50);
  };
  const start = (body: object = { model: BACKWARDS }) =>
    operator<Reembedding>('POST', '/admin/reembed', body);

  const fill = async (client: Client, memories: number): Promise<void> => {
    for (let from = 0; from < memories; from += BULK) {
      const length = Math.min(BULK, memories - from);
      const { results } = await client.storeAll(
        Array.from({ length }, (_, at) => ({ content: textOf(from + at) })),
      );
      if (client !== ours) continue;
      await load.know(results.flatMap(({ memory }) => memory ?? []));
    }
    await client.settledStats();
  };

  beforeAll(async () => {
    [stack, provider] = [await createOwnStack(), await startEmbeddingProvider()];
    service = await startService({
      ...provider.settings,
      ...stack.settings,
      SOMA_EMBEDDING_TIMEOUT_MS: '10000',
      SOMA_EMBEDDING_REQUEST_BUDGET_MS: '10000',
    });
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    load = new ReembedLoad(ours, provider);
    await fill(ours, MEMORIES);
    await fill(theirs, FOREIGN);
  }, 600_000);
  afterAll(async () => {
    await load.stop();
    await service.close();
    await provider.close();
    await stack.drop();
  });

  it('begins with the model that the configuration names', async () => {
    expect(await status()).toMatchObject({
      configured: SPELLING,
      active: SPELLING,
      models: [{ model: SPELLING, state: 'active' }],
    });
  });

  it('refuses what is in use, what there is nothing of, and what cannot be made', async () => {
    const conflict = problem('EMBEDDING_MODEL_CONFLICT');
    expect(await start({})).toMatchObject(conflict);
    for (const path of ['switch', 'rollback', 'finish']) {
      expect(await operator('POST', `/admin/reembed/${path}`)).toMatchObject(conflict);
    }
    expect(await operator('DELETE', '/admin/reembed')).toMatchObject(conflict);
    expect(await start({ model: 'spelling', dimension: 63 })).toMatchObject(
      problem('EMBEDDING_UNAVAILABLE'),
    );
    expect(await start({ model: '' })).toMatchObject(problem('VALIDATION_FAILED'));
    expect((await status()).models).toHaveLength(1);
  });

  it('happens while searches and writes go on: none fails, and none mixes models', async () => {
    load.start();
    await untilAnswers('spelling', 60);
    provider.delayMs = 20;
    expect(await start()).toMatchObject({ status: 202 });
    await until(REVERSED, 'active');
    provider.delayMs = 0;
    await untilAnswers(BACKWARDS, 60);
    const report = await load.stop();
    process.stdout.write(
      `${report.searches} searches, ${report.failed.length} failed, ${report.mixed.length} mixed, ` +
        `${report.partial} partial; ${JSON.stringify(report.by)}; ${report.stored} stored, ` +
        `${report.unfound.length} not found at once, ${report.risen.length} found after deletion\n`,
    );
    expect(report).toMatchObject({ failed: [], mixed: [], unfound: [], risen: [] });
    expect(report.by.spelling).toBeGreaterThanOrEqual(60);
    expect(report.by[BACKWARDS]).toBeGreaterThanOrEqual(60);
    const { active, models } = await status();
    expect(active).toBe(REVERSED);
    const used = models.find(({ model }) => model === REVERSED);
    expect(used?.recall).toBeGreaterThanOrEqual(0.98);
    expect(await stateOf(SPELLING)).toBe('retired');
    expect((await ours.stats()).embeddings).toMatchObject({ model: REVERSED });
  }, 600_000);

  it('made every vector once', () => {
    const texts = provider.made.get(BACKWARDS) ?? [];
    for (let number = 0; number < MEMORIES; number += 1) {
      const times = texts.filter((text) => text === textOf(number)).length;
      expect({ number, times }).toEqual({ number, times: number < FOREIGN ? 2 : 1 });
    }
  });

  const everyMemoryIsFound = async (): Promise<void> => {
    await ours.settledStats();
    // Of those stored before some; all that came while the model was changed.
    const before = Math.ceil(MEMORIES / 50);
    for (const [at, [id, content]] of [...load.stored].entries()) {
      if (at < MEMORIES && at % before !== 0) continue;
      const found = await ours.search(content, { recipe: 'dense', top_k: 3 });
      expect({ content, ids: found.memories.map((memory) => memory.id) }).toMatchObject({
        ids: expect.arrayContaining([id]),
      });
    }
    for (const [id, content] of load.deleted) {
      const found = await ours.search(content, { recipe: 'dense', top_k: 5 });
      expect(found.memories.map((memory) => memory.id)).not.toContain(id);
    }
  };

  it('finds all that was stored before and meanwhile, and nothing deleted or foreign', async () => {
    await everyMemoryIsFound();
    const mine = new Set<string>(load.stored.keys());
    const found = await theirs.search(textOf(1), { recipe: 'dense', top_k: 50 });
    expect(found.memories.length).toBeGreaterThan(10);
    expect(found.memories.filter(({ id }) => mine.has(id))).toEqual([]);
    expect(await start({ model: 'spelling' })).toMatchObject(problem('EMBEDDING_MODEL_CONFLICT'));
  }, 600_000);

  it('goes back under load, with all that was stored since', async () => {
    const before = { ...load.report.by };
    load.start();
    expect(await operator('POST', '/admin/reembed/rollback')).toMatchObject({ status: 202 });
    await until(SPELLING, 'active');
    await untilAnswers('spelling', before.spelling + 60);
    const report = await load.stop();
    expect(report).toMatchObject({ failed: [], mixed: [], unfound: [], risen: [] });
    expect(report.by.spelling).toBeGreaterThan(before.spelling);
    expect((await status()).active).toBe(SPELLING);
    expect(await stateOf(REVERSED)).toBe('retired');
    await everyMemoryIsFound();
  }, 600_000);

  it('keeps the tenants from all of it', async () => {
    const refused = problem('SCOPE_MISSING');
    expect(await ours.get('/admin/reembed')).toMatchObject(refused);
    expect(await ours.post('/admin/reembed', {})).toMatchObject(refused);
    expect(await ours.delete('/admin/reembed')).toMatchObject(refused);
  });

  it('clears away what is finished with', async () => {
    expect(await operator('POST', '/admin/reembed/finish')).toMatchObject({ status: 202 });
    const stored = load.stored.size + FOREIGN;
    await until(REVERSED, undefined);
    expect((await status()).models).toMatchObject([{ model: SPELLING, state: 'active' }]);
    expect((await ours.stats()).embeddings.total + (await theirs.stats()).embeddings.total).toBe(
      stored,
    );
    await everyMemoryIsFound();
  }, 600_000);

  it('waits for a provider that is away, and goes on; and can be given up', async () => {
    provider.delayMs = 100;
    await start({ model: BACKWARDS, switch: false });
    provider.setAway(true);
    const waiting = async () => (await status()).models.find(({ model }) => model === REVERSED);
    for (;;) {
      const used = await waiting();
      if (used?.detail?.startsWith('Waiting for the embedding provider')) break;
      await sleep(100);
    }
    provider.setAway(false);
    provider.delayMs = 0;
    await until(REVERSED, 'ready');
    expect((await status()).active).toBe(SPELLING);
    expect(await operator('DELETE', '/admin/reembed')).toMatchObject({ status: 202 });
    expect(await stateOf(REVERSED)).toBe('dropping');
    expect(await start()).toMatchObject(problem('EMBEDDING_MODEL_CONFLICT'));
    await everyMemoryIsFound();
  }, 600_000);
});
