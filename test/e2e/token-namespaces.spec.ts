import type { Lease } from '@soma/locks';
import type { Memory, NamespacePage } from '@soma/memory';
import type { SearchBatchResult } from '@soma/search';
import type { CreatedToken } from '@soma/tenancy';
import { ALL_SCOPES, type Client, clientOf } from './client.js';
import { ok, problem } from './http.js';
import { type Service, startService } from './service.js';

const FORBIDDEN = problem('NAMESPACE_FORBIDDEN');
const UNKNOWN = '01890000-0000-7000-8000-000000000000';

describe('a token that is kept to namespaces', () => {
  let service: Service;
  let whole: Client;
  let kept: Client;
  let secret: Memory;
  let open: Memory;

  const keptTo = async (namespaces: readonly string[]): Promise<Client> => {
    const body = { name: 'kept', scopes: ALL_SCOPES, namespaces };
    const path = `/admin/tenants/${whole.tenantId}/tokens`;
    return clientOf(service.url, await ok(whole.post<CreatedToken>(path, body), 201));
  };

  beforeAll(async () => {
    service = await startService();
    whole = await service.tenant();
    kept = await keptTo(['open', `o'pen"\\`]);
    secret = await whole.store({ namespace: 'secret', coord: '1', content: 'the tea is green' });
    open = await whole.store({ namespace: 'open', coord: '1', content: 'the tea is black' });
    await whole.store({ namespace: 'open', coord: '2', content: 'the tea is white' });
  });
  afterAll(() => service.close());

  it('P42 stores, reads, finds, changes and deletes in them', async () => {
    const stored = await kept.store({ namespace: 'open', coord: '7', content: 'coffee' });
    expect((await kept.read(stored.id)).content).toBe('coffee');
    expect(
      (await ok(kept.patch<Memory>(`/memories/${stored.id}`, { content: 'cocoa' }))).version,
    ).toBe(2);
    const found = await kept.search('cocoa', { namespace: 'open' });
    expect(found.memories.map(({ id }) => id)).toContain(stored.id);
    expect((await kept.delete(`/memories/${stored.id}`)).status).toBe(204);
    const odd = await kept.store({ namespace: `o'pen"\\`, coord: '1', content: 'odd' });
    expect((await kept.read(odd.id)).namespace).toBe(`o'pen"\\`);
  });

  it('P42 reads a memory of another namespace as one that does not exist', async () => {
    for (const [foreign, missing] of [
      [`/memories/${secret.id}`, `/memories/${UNKNOWN}`],
      ['/memories/1?namespace=secret', '/memories/99?namespace=secret'],
    ] as const) {
      const answers = [await kept.get(foreign), await kept.get(missing)];
      for (const answer of answers) expect(answer).toMatchObject(problem('MEMORY_NOT_FOUND'));
    }
    expect(await kept.patch(`/memories/${secret.id}`, { content: 'x' })).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
    expect(await kept.delete(`/memories/${secret.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect(await kept.deleteBy({ ids: [secret.id], dry_run: false })).toMatchObject({ deleted: 0 });
    expect((await whole.read(secret.id)).content).toBe('the tea is green');
  });

  it('P42 is refused another namespace by name, whether or not it exists', async () => {
    for (const namespace of ['secret', 'nowhere', undefined]) {
      const query = namespace === undefined ? '' : `?namespace=${namespace}`;
      expect(await kept.post('/memories', { namespace, content: 'x' })).toMatchObject(FORBIDDEN);
      expect(await kept.get(`/memories${query}`)).toMatchObject(FORBIDDEN);
      const search = { namespace, query: 'tea' };
      expect(await kept.post('/memories/search', search)).toMatchObject(FORBIDDEN);
      const deletion = { namespace, filter: { tags: 'x' } };
      expect(await kept.post('/memories/delete', deletion)).toMatchObject(FORBIDDEN);
      const place = `/namespaces/${namespace ?? 'default'}`;
      expect(await kept.get(place)).toMatchObject(FORBIDDEN);
      const set = { token: kept.token, body: { language: 'german' } };
      expect(await service.request('PUT', place, set)).toMatchObject(FORBIDDEN);
      if (namespace) expect(await kept.get(`/stats${query}`)).toMatchObject(FORBIDDEN);
    }
  });

  it('P42 reads the receipts of its own deletions, and no other', async () => {
    const other = await keptTo(['open']);
    const deleteOne = async (client: Client, namespace: string) => {
      const { id } = await client.store({ namespace, coord: '90', content: 'to be deleted' });
      const { receipt_id: receipt } = await client.deleteBy({ ids: [id] });
      return `/deletions/${receipt ?? ''}`;
    };
    const own = await deleteOne(kept, 'open');
    const foreign = [await deleteOne(whole, 'secret'), await deleteOne(other, 'open')];
    expect((await kept.get(own)).status).toBe(200);
    for (const path of [...foreign, `/deletions/${UNKNOWN}`]) {
      expect(await kept.get(path)).toMatchObject(problem('DELETION_NOT_FOUND'));
    }
    for (const path of [own, ...foreign]) expect((await whole.get(path)).status).toBe(200);
  });

  it('P42 is judged by each item of a batch', async () => {
    const memories = [
      { namespace: 'secret', content: 'x' },
      { namespace: 'open', content: 'y' },
    ];
    const { results } = await kept.storeAll(memories);
    expect(results.map(({ status }) => status)).toEqual([403, 201]);
    const searches = [
      { namespace: 'open', query: 'tea' },
      { namespace: 'secret', query: 'tea' },
    ];
    const batch = await ok(kept.post<SearchBatchResult>('/memories/search/batch', { searches }));
    expect(batch.results.map(({ status }) => status)).toEqual([200, 403]);
    expect(JSON.stringify(batch)).not.toContain(secret.id);
  });

  it('P42 counts and lists its namespaces alone', async () => {
    await whole.link('1', '2', { namespace: 'open' });
    const { memories, links } = await kept.stats();
    expect(Object.keys(memories.by_namespace)).not.toContain('secret');
    expect(links.total).toBe(1);
    const page = await ok(kept.get<NamespacePage>('/namespaces?limit=200'));
    const names = page.namespaces.map(({ namespace }) => namespace);
    expect(names).toContain('open');
    expect(names).not.toContain('secret');
  });

  it('P42 walks no link out of them, and makes none', async () => {
    const ends = { from_id: open.id, to_id: secret.id, link_type: 'leaks' };
    await ok(whole.post('/graph/link', ends), 201);
    const back = { from_id: secret.id, to_id: open.id, link_type: 'leaks' };
    await ok(whole.post('/graph/link', back), 201);
    const { neighbors } = await kept.neighbors(`id=${open.id}&depth=6`);
    expect(neighbors.map(({ memory }) => memory.namespace)).toEqual(['open']);
    expect((await whole.neighbors(`id=${open.id}&depth=6`)).neighbors).toHaveLength(2);
    const missing = problem('MEMORY_NOT_FOUND');
    expect(await kept.get(`/graph/neighbors?id=${secret.id}`)).toMatchObject(missing);
    expect(await kept.get(`/graph/path?from_id=${open.id}&to_id=${secret.id}`)).toMatchObject(
      missing,
    );
    expect(await kept.post('/graph/link', ends)).toMatchObject(missing);
    expect(await kept.delete('/graph/link', ends)).toMatchObject(missing);
    const linked = { namespace: 'open', content: 'x', links: [{ to_coord: '1' }] };
    expect((await kept.store(linked)).namespace).toBe('open');
    expect((await kept.stats()).links.by_type['leaks']).toBeUndefined();
  });

  it('P42 locks names that begin with one of them, and meets no other', async () => {
    const body = (name: string) => ({ name, ttl_ms: 60_000 });
    const foreign = await ok(whole.post<Lease>('/locks', body('secret/job')), 201);
    expect(await kept.post('/locks', body('secret/job'))).toMatchObject(FORBIDDEN);
    expect(await kept.post('/locks', body('opener'))).toMatchObject(FORBIDDEN);
    const name = encodeURIComponent('secret/job');
    expect(await kept.get(`/locks/${name}`)).toMatchObject(problem('LOCK_NOT_FOUND'));
    const { token } = foreign;
    expect(await kept.delete(`/locks/${name}`, { token })).toMatchObject(problem('LOCK_NOT_HELD'));
    expect(await kept.post(`/locks/${name}/renew`, { token, ttl_ms: 1000 })).toMatchObject(
      problem('LOCK_NOT_HELD'),
    );
    const own = await ok(kept.post<Lease>('/locks', body('open/job')), 201);
    expect((await kept.delete(`/locks/${encodeURIComponent('open/job')}`, own)).status).toBe(400);
    expect((await kept.get(`/locks/${encodeURIComponent('open/job')}`)).status).toBe(200);
  });

  it("P42 gets no answer kept under another token's idempotency key", async () => {
    const key = { 'idempotency-key': 'shared' };
    const path = `/memories/${secret.id}`;
    await ok(whole.patch(path, { importance: 0.9 }, key));
    expect(await kept.patch(path, { importance: 0.9 }, key)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
    const item = { namespace: 'open', coord: '50', content: 'mine' };
    const first = await ok(
      kept.post<Memory>('/memories', item, { 'idempotency-key': 'mine' }),
      201,
    );
    const again = await ok(
      kept.post<Memory>('/memories', item, { 'idempotency-key': 'mine' }),
      201,
    );
    expect(again).toEqual(first);
  });
});
