import type { BulkResult } from '@soma/memory';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

describe('storing many memories in one call', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  it('P7 stores a thousand memories in one call', async () => {
    const client = await service.tenant();
    const { results, stored, failed } = await client.storeAll(
      Array.from({ length: 1_000 }, (_, n) => ({
        coord: `${n}`,
        content: `Parcel ${n} left depot ${n % 13}.`,
        metadata: { n },
      })),
    );
    expect([stored, failed]).toEqual([1_000, 0]);
    results.forEach(({ index, status, memory }, position) => {
      expect([index, status, memory?.coordinate, memory?.version]).toEqual([
        position,
        201,
        `${position}`,
        1,
      ]);
    });
    const { memories, versions, embeddings } = await client.stats();
    expect([memories.total, versions, embeddings.total]).toEqual([1_000, 1_000, 1_000]);
    const found = await client.search('parcel 777', { top_k: 5 });
    expect(found.memories[0]).toMatchObject({ coordinate: '777', metadata: { n: 777 } });
  });

  it('P7 stores nothing for another tenant', async () => {
    await ours.storeAll([{ coord: '1', content: 'mine' }]);
    expect((await theirs.stats()).memories.total).toBe(0);
    expect(await theirs.get('/memories/1')).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  it('P7 gives each item its own status, and stores the valid beside the invalid', async () => {
    const { results, stored, failed } = await ours.storeAll([
      { coord: '2', content: 'valid' },
      { coord: 'x,y', content: 'no coordinate' },
      { content: 'valid too', importance: 1 },
      { content: 'too important', importance: 2 },
      { coord: '3', content: 'links to nothing', links: [{ to_coord: '404' }] },
      { payload: {} },
      { content: 'not ours to set', tenant_id: theirs.tenantId },
      { coord: '4', content: 'links to one beside it', links: [{ to_coord: '2.0' }] },
    ]);
    expect(results.map(({ index, status, error }) => [index, status, error?.code])).toEqual([
      [0, 201, undefined],
      [1, 400, 'COORDINATE_INVALID'],
      [2, 201, undefined],
      [3, 400, 'VALIDATION_FAILED'],
      [4, 404, 'MEMORY_NOT_FOUND'],
      [5, 400, 'VALIDATION_FAILED'],
      [6, 400, 'VALIDATION_FAILED'],
      [7, 201, undefined],
    ]);
    expect([stored, failed]).toEqual([3, 5]);
    expect(results[3]?.error?.errors[0]?.path).toBe('importance');
    expect(await ours.get('/memories/3')).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect((await ours.neighbors('coord=4')).neighbors[0]?.memory.coordinate).toBe('2');
  });

  it('takes items that are no objects as invalid items', async () => {
    const memories = [null, 1, 'text', [], { content: 'fine' }];
    const { results } = await ok(ours.post<BulkResult>('/memories/bulk', { memories }));
    expect(results.map(({ status }) => status)).toEqual([400, 400, 400, 400, 201]);
  });

  it('takes links that lead nowhere with what hangs on them', async () => {
    const { results } = await ours.storeAll([
      { coord: '5', content: 'to the next', links: [{ to_coord: '6' }] },
      { coord: '6', content: 'to nowhere', links: [{ to_coord: '404' }] },
      { coord: '7', content: 'to itself', links: [{ to_coord: '7' }] },
    ]);
    expect(results.map(({ status }) => status)).toEqual([404, 404, 201]);
    expect(await ours.get('/memories/5')).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  it('makes successive versions of one coordinate in a batch, in order', async () => {
    const { results } = await ours.storeAll([
      { coord: '8', content: 'first' },
      { coord: '8.0', content: 'second' },
      { coord: '9', content: 'other' },
      { coord: '+8', content: 'third', links: [{ to_coord: '9' }] },
    ]);
    expect(results.map(({ memory }) => memory?.version)).toEqual([1, 2, 1, 3]);
    expect(new Set([0, 1, 3].map((index) => results[index]?.memory?.id)).size).toBe(1);
    expect(await ours.read('8')).toMatchObject({ content: 'third', version: 3 });
    const found = await ours.search('first second third', { filter: { coordinate: '8' } });
    expect(found.memories.map(({ content }) => content)).toEqual(['third']);
  });

  it('stores overlapping batches of many callers without a deadlock or a lost version', async () => {
    const client = await service.tenant();
    const coords = Array.from({ length: 20 }, (_, n) => `${n}`);
    await Promise.all(
      Array.from({ length: 8 }, (_, caller) => {
        const order = caller % 2 === 0 ? coords : [...coords].reverse();
        return client.storeAll(order.map((coord) => ({ coord, content: `${caller} at ${coord}` })));
      }),
    );
    const { memories } = await client.list('limit=200');
    expect(memories.map(({ version }) => version)).toEqual(coords.map(() => 8));
    expect((await client.stats()).versions).toBe(160);
  });

  it('takes 1 to 1,000 items', async () => {
    const before = await ours.settledStats();
    const many = Array.from({ length: 1_001 }, () => ({ content: 'one too many' }));
    for (const memories of [[], many, {}, null, 'x']) {
      expect(await ours.post('/memories/bulk', { memories })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    }
    expect(await ours.post('/memories/bulk', [{ content: 'x' }])).toMatchObject(
      problem('VALIDATION_FAILED'),
    );
    expect(await ours.settledStats()).toEqual(before);
  });
});
