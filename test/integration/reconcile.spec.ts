import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryId, tenantId, TenantScope } from '@soma/core';
import { parseConfig } from '@soma/config';
import type { Consistency, ReconcileReport, ReindexReport, TenantReport } from '@soma/indexing';
import { MilvusVectorIndex } from '@soma/vector-index';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { attributesWith } from '../contract/vector-index.corpus.js';
import { ok, untilServed } from '../e2e/http.js';
import { type EmbeddingProvider, startEmbeddingProvider } from '../e2e/embedding-provider.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from '../e2e/service.js';
import { createOwnDatabase, type OwnDatabase } from './own-database.js';

/** `SOMA_REBUILD_MEMORIES=20000` is the long form. */
const MEMORIES = Number(process.env['SOMA_REBUILD_MEMORIES'] ?? 4_000);
const QUERIES = 200;
/** Orphans planted, and about as many entries lost. */
const FAULTS = 500;
const FOREIGN = 300;
const BULK = 200;
/** Longer than an entry counts as fresh. */
const LAG_MS = 9_000;
const PREFIX = `test_${randomBytes(6).toString('hex')}`;
const DIMENSION = 768;

const WORDS = Array.from({ length: 400 }, (_, n) => `w${(n * 7_919 + 11).toString(36)}`);
const textOf = (number: number): string =>
  Array.from({ length: 8 }, (_, at) => WORDS[(number * 31 + at * at * 17 + at) % 400]).join(' ');

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const secondsSince = (from: number): string => ((performance.now() - from) / 1000).toFixed(1);

describe('an index that lost or kept what it should not', () => {
  let database: OwnDatabase;
  let provider: EmbeddingProvider;
  let service: Service;
  let index: MilvusVectorIndex;
  let milvus: MilvusClient;
  let ours: Client;
  let theirs: Client;

  const operator = <Body>(method: string, path: string, body?: object): Promise<Body> =>
    ok(untilServed(() => service.request<Body>(method, path, { token: OPERATOR_TOKEN, body })));
  const reconcile = async (client: Client, dryRun = false): Promise<TenantReport | undefined> => {
    const body = { tenant: client.tenantId, dry_run: dryRun };
    return (await operator<ReconcileReport>('POST', '/admin/reconcile', body)).tenants[0];
  };
  const countsOf = async (client: Client) =>
    (await operator<Consistency>('GET', '/admin/consistency')).tenants.find(
      ({ tenant_id: id }) => id === client.tenantId,
    );
  const scopeOf = (client: Client): TenantScope => TenantScope.of(tenantId(client.tenantId));
  const model = `openai:spelling:${DIMENSION}`;
  const indexedIds = async (client: Client): Promise<string[]> => {
    const limit = 1_000;
    const ids = await index.entryIds(scopeOf(client), { model, limit });
    for (let isMore = ids.length === limit; isMore;) {
      const page = { model, limit, after: ids.at(-1) };
      const next = await index.entryIds(scopeOf(client), page);
      ids.push(...next);
      isMore = next.length === limit;
    }
    return ids;
  };

  /** Ids and order, once dense search has everything: no answer from the fresh tail. */
  const answersOf = async (client: Client, recipe = 'dense'): Promise<string[][]> => {
    await client.settledStats();
    await sleep(LAG_MS);
    const answers: string[][] = [];
    for (let query = 0; query < QUERIES; query += 1) {
      const found = await client.search(textOf(query * 37), { top_k: 10, recipe });
      expect(found.partial).toBe(false);
      answers.push(found.memories.map(({ id }) => id));
    }
    return answers;
  };

  const fill = async (client: Client, memories: number): Promise<void> => {
    for (let from = 0; from < memories; from += BULK) {
      const length = Math.min(BULK, memories - from);
      await client.storeAll(
        Array.from({ length }, (_, at) => ({ content: `${textOf(from + at)} ${from + at}` })),
      );
    }
    await client.settledStats();
  };

  beforeAll(async () => {
    database = await createOwnDatabase();
    provider = await startEmbeddingProvider(DIMENSION);
    const settings = {
      ...provider.settings,
      SOMA_EMBEDDING_TIMEOUT_MS: '60000',
      SOMA_EMBEDDING_REQUEST_BUDGET_MS: '20000',
      SOMA_POSTGRES_URL: database.serviceUrl,
      SOMA_POSTGRES_OWNER_URL: database.ownerUrl,
      SOMA_MILVUS_COLLECTION_PREFIX: PREFIX,
    };
    service = await startService(settings);
    const address = parseConfig({ ...process.env, ...settings }).milvus?.address ?? '';
    index = new MilvusVectorIndex({
      address,
      collectionPrefix: PREFIX,
      searchTimeoutMs: 20_000,
      writeTimeoutMs: 60_000,
    });
    milvus = new MilvusClient({ address, logLevel: 'error' });
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await fill(theirs, FOREIGN);
    await fill(ours, MEMORIES);
  }, 600_000);

  const collections = async (): Promise<string[]> =>
    (await milvus.showCollections()).data
      .map(({ name }) => name)
      .filter((name) => name.startsWith(PREFIX));

  afterAll(async () => {
    await service.close();
    await provider.close();
    for (const name of await collections()) await milvus.dropCollection({ collection_name: name });
    await Promise.all([milvus.closeConnection(), index.close()]);
    await database.drop();
  });

  const entriesNamed = (ids: readonly string[]) =>
    ids.map((entryId) => ({
      entryId,
      memoryId: memoryId(randomUUID()),
      namespace: 'default',
      model,
      vector: Float32Array.from({ length: DIMENSION }, (_, at) => (at === 0 ? 1 : 0)),
      attributes: attributesWith(),
    }));

  it('P22 loses its orphans, and only its own', async () => {
    await sleep(LAG_MS);
    const [kept, foreign] = [await indexedIds(ours), await indexedIds(theirs)];
    expect(foreign).toHaveLength(FOREIGN);
    const planted = Array.from({ length: FAULTS }, () => randomUUID());
    await index.insert(scopeOf(ours), entriesNamed(planted));
    await index.insert(scopeOf(theirs), entriesNamed(planted));
    const found = { expected: MEMORIES, indexed: MEMORIES + FAULTS, missing: 0, orphans: FAULTS };
    expect(await reconcile(ours, true)).toMatchObject({ ...found, repaired: 0 });
    const started = performance.now();
    expect(await reconcile(ours)).toMatchObject({ ...found, repaired: FAULTS });
    say(`${FAULTS} orphans among ${MEMORIES} removed in ${secondsSince(started)} s`);
    expect(await reconcile(ours)).toMatchObject({ indexed: MEMORIES, orphans: 0, repaired: 0 });
    expect(await indexedIds(ours)).toEqual(kept);
    expect(await indexedIds(theirs)).toHaveLength(FOREIGN + FAULTS);
    expect(await reconcile(theirs)).toMatchObject({ orphans: FAULTS, repaired: FAULTS });
    expect(await indexedIds(theirs)).toEqual(foreign);
  }, 300_000);

  it('P22 gets back what it misses, and only that', async () => {
    await sleep(LAG_MS);
    const before = await indexedIds(ours);
    const lost = before.filter((_, at) => at % (MEMORIES / FAULTS) === 0);
    await index.remove(scopeOf(ours), model, lost);
    await index.remove(scopeOf(theirs), model, (await indexedIds(theirs)).slice(0, 10));
    const found = { expected: MEMORIES, missing: lost.length, orphans: 0 };
    expect(await reconcile(ours, true)).toMatchObject({ ...found, repaired: 0 });
    const started = performance.now();
    expect(await reconcile(ours)).toMatchObject({ ...found, repaired: lost.length });
    await ours.settledStats();
    say(`${lost.length} missing of ${MEMORIES} indexed again in ${secondsSince(started)} s`);
    expect(await indexedIds(ours)).toEqual(before);
    expect(await countsOf(theirs)).toMatchObject({ waiting: 0, indexed: FOREIGN - 10 });
    expect(await reconcile(theirs)).toMatchObject({ missing: 10, repaired: 10 });
    await theirs.settledStats();
    expect(await countsOf(theirs)).toMatchObject({ indexed: FOREIGN });
  }, 300_000);

  it('P22 loses nothing that is written while it is compared', async () => {
    const compared: (TenantReport | undefined)[] = [];
    const write = async (number: number): Promise<void> => {
      const { id } = await theirs.store({ content: `passing ${number}` });
      if (number % 3 === 0) await theirs.delete(`/memories/${id}`);
    };
    for (let number = 0; number < 150;) {
      const comparing = reconcile(theirs);
      for (const end = number + 15; number < end; number += 1) await write(number);
      compared.push(await comparing);
    }
    await theirs.settledStats();
    await sleep(LAG_MS);
    expect(compared).toHaveLength(10);
    const whole = { stored: FOREIGN + 100, waiting: 0, indexed: FOREIGN + 100 };
    expect(await countsOf(theirs)).toMatchObject(whole);
    expect(await reconcile(theirs)).toMatchObject({ missing: 0, orphans: 0 });
  }, 300_000);

  it(`P22 is rebuilt after its collection was dropped, ${MEMORIES} memories, with the same answers`, async () => {
    const [before, foreign] = [await answersOf(ours), await answersOf(theirs)];
    expect(new Set(before.flat()).size).toBeGreaterThan(QUERIES);
    for (const name of await collections()) await milvus.dropCollection({ collection_name: name });
    const { asked } = provider;
    const started = performance.now();
    expect(await operator<ReindexReport>('POST', '/admin/reindex', {})).toEqual({
      tenants: 2,
      queued: MEMORIES + FOREIGN + 100,
    });
    const queued = secondsSince(started);
    await Promise.all([ours.settledStats(), theirs.settledStats()]);
    say(
      `${MEMORIES + FOREIGN + 100} vectors queued in ${queued} s, ` +
        `indexed in ${secondsSince(started)} s`,
    );
    expect(provider.asked).toBe(asked);
    expect(await countsOf(ours)).toMatchObject({ waiting: 0, indexed: MEMORIES });
    expect(await answersOf(ours)).toEqual(before);
    expect(await answersOf(theirs)).toEqual(foreign);
  }, 600_000);

  it('P22 heals by the comparison alone when its collection was dropped', async () => {
    const before = await answersOf(theirs);
    for (const name of await collections()) await milvus.dropCollection({ collection_name: name });
    expect(await reconcile(theirs)).toMatchObject({ indexed: 0, missing: FOREIGN + 100 });
    await theirs.settledStats();
    expect(await countsOf(theirs)).toMatchObject({ indexed: FOREIGN + 100 });
    expect(await answersOf(theirs)).toEqual(before);
    expect(await countsOf(ours)).toMatchObject({ stored: MEMORIES, indexed: 0 });
    expect(await reconcile(ours)).toMatchObject({ missing: MEMORIES, repaired: MEMORIES });
  }, 300_000);
});
