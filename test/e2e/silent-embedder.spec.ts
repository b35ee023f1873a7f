import type { BulkResult, Memory } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import { type EmbeddingProvider, startEmbeddingProvider } from './embedding-provider.js';
import { eventually } from './eventually.js';
import { type Client, type Service, startService } from './service.js';
import { createOwnStack, type OwnStack } from './stack.js';
import { median } from './welch.js';

/** Each beside what the same takes of this machine while the embedder answers. */
const LONGEST_MS = 6_000;
const UNNOTICED_MS = 800;
const BUDGET_MS = 2_500;
const COUNTED = 8;
const BULK = Array.from({ length: 100 }, (_, number) => ({ content: `bulk ${number}` }));

describe('a service whose embedder falls silent', () => {
  let stack: OwnStack;
  let provider: EmbeddingProvider;
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let last: Memory;
  let calm: { allMs: number; storeMs: number; searchMs: number };

  const timed = async <Result>(work: Promise<Result>): Promise<[Result, number]> => {
    const started = performance.now();
    const result = await work;
    return [result, performance.now() - started];
  };
  const allAtOnce = (client: Client) =>
    Promise.all([
      timed(client.post<Memory>('/memories', { content: 'The otter sleeps under the bridge.' })),
      timed(client.post<BulkResult>('/memories/bulk', { memories: BULK })),
      timed(client.post<SearchResponse>('/memories/search', { query: 'the heron by the weir' })),
    ]);
  const breaker = async (): Promise<string | undefined> => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    return /^soma_breaker_open\{dependency="embedder"\} (\d)$/m.exec(metrics)?.[1];
  };

  beforeAll(async () => {
    [stack, provider] = [await createOwnStack(), await startEmbeddingProvider()];
    service = await startService({
      ...provider.settings,
      ...stack.settings,
      SOMA_EMBEDDING_TIMEOUT_MS: '10000',
      SOMA_EMBEDDING_REQUEST_BUDGET_MS: String(BUDGET_MS),
    });
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await ours.store({ content: 'The heron nests by the weir.' });
    // The first search and bulk store of a process take longer than those after it.
    await ours.search('weir');
    await ours.storeAll(Array.from({ length: 50 }, (_, number) => ({ content: `warm ${number}` })));
    const others = await service.tenant();
    const all = await allAtOnce(others);
    const [stores, searches]: [number[], number[]] = [[], []];
    for (let number = 0; number < COUNTED; number++) {
      stores.push((await timed(others.store({ content: `n ${number}` })))[1]);
      searches.push((await timed(others.search('otter')))[1]);
    }
    calm = {
      allMs: Math.max(...all.map(([, ms]) => ms)),
      storeMs: median(stores),
      searchMs: median(searches),
    };
    provider.setSilent(true);
  });
  afterAll(async () => {
    await service.close();
    await provider.close();
    await stack.drop();
  });

  it('waits for it so long as a request may, and no longer: stores, bulk stores, searches', async () => {
    const [stored, bulk, found] = await allAtOnce(ours);
    expect(Math.max(stored[1], bulk[1], found[1])).toBeLessThan(LONGEST_MS + 3 * calm.allMs);
    expect(stored[0]).toMatchObject({ status: 201, body: { embedding: 'pending' } });
    expect(bulk[0].body.stored).toBe(BULK.length);
    expect(found[0].body).toMatchObject({
      partial: true,
      partial_reason: 'embedding-unavailable',
      memories: [{ content: 'The heron nests by the weir.' }],
    });
  });

  it('does not wait for it any more after that', async () => {
    expect(await breaker()).toBe('1');
    const [stores, searches]: [number[], number[]] = [[], []];
    for (let number = 0; number < COUNTED; number++) {
      const [answer, ms] = await timed(ours.post<Memory>('/memories', { content: `n ${number}` }));
      expect(answer).toMatchObject({ status: 201, body: { embedding: 'pending' } });
      last = answer.body;
      stores.push(ms);
      searches.push((await timed(ours.search('otter')))[1]);
    }
    // Each would take its budget, did it wait; a few may meet the machine busy.
    expect(median(stores)).toBeLessThan(UNNOTICED_MS + 3 * calm.storeMs);
    expect(median(searches)).toBeLessThan(UNNOTICED_MS + 3 * calm.searchMs);
    expect((await theirs.search('otter')).memories).toEqual([]);
  });

  it('goes back to it when it answers, and makes every vector that is missing', async () => {
    provider.setSilent(false);
    await eventually(breaker, (isOpen) => isOpen === '0');
    const stored = await eventually(
      () => ours.store({ content: 'at once again' }),
      ({ embedding }) => embedding === 'ready',
    );
    expect(stored.embedding).toBe('ready');
    const made = await eventually(
      () => ours.read(last.id),
      ({ embedding }) => embedding === 'ready',
    );
    expect(made).toMatchObject({ id: last.id, embedding: 'ready' });
    const found = await eventually(
      () => ours.search('otter'),
      ({ partial }) => !partial,
    );
    expect(found.partial).toBe(false);
  }, 300_000);
});
