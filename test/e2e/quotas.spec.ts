import type { BulkResult, Memory } from '@soma/memory';
import type { CreatedToken, Quotas, Usage, VerifiedQuotas } from '@soma/tenancy';
import { type Client, clientOf } from './client.js';
import { eventually } from './eventually.js';
import { ok, problem, untilServed } from './http.js';
import { OPERATOR_TOKEN, type Service, startService } from './service.js';
import { whileRedisIsWell } from './while-redis-is-well.js';

const WRITERS = 500;
const LIMIT = 100;

const stored = (tenant: Client, memory: object) =>
  untilServed(() => tenant.post<Memory>('/memories', memory));

describe('quotas', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService({ SOMA_QUOTA_LINKS: '3' });
  });
  afterAll(() => service.close());

  const asOperator = <Body>(method: string, path: string, body?: unknown) =>
    service.request<Body>(method, path, { token: OPERATOR_TOKEN, body });
  const pathOf = ({ tenantId }: Client) => `/admin/tenants/${tenantId}`;
  const limited = async (quotas: object): Promise<Client> => {
    const tenant = await service.tenant();
    await ok(asOperator('PUT', `${pathOf(tenant)}/quotas`, quotas));
    return tenant;
  };
  const keptBy = async (tenant: Client) =>
    (await ok(tenant.get<Usage>(`${pathOf(tenant)}/usage`))).kept;
  const verified = (tenant: Client, repair = false) =>
    ok(
      asOperator<VerifiedQuotas>('POST', '/admin/quotas/verify', {
        tenant: tenant.tenantId,
        repair,
      }),
    );
  const statusesOf = (answers: readonly { status: number }[]) =>
    Object.fromEntries(
      [...Map.groupBy(answers, ({ status }) => status)].map(([status, group]) => [
        status,
        group.length,
      ]),
    );

  it(`P26 lets exactly ${LIMIT} of ${WRITERS} writers at once through, and another tenant's`, async () => {
    const [tenant, other] = [await limited({ memories: LIMIT }), await service.tenant()];
    const answers = await Promise.all([
      stored(other, { content: 'of another' }),
      ...Array.from({ length: WRITERS }, (_, n) => stored(tenant, { content: `n ${n}` })),
    ]);
    expect(answers.shift()?.status).toBe(201);
    expect(statusesOf(answers)).toEqual({ 201: LIMIT, 507: WRITERS - LIMIT });
    expect(answers.find(({ status }) => status === 507)).toMatchObject(problem('QUOTA_EXCEEDED'));
    expect((await tenant.stats()).memories.total).toBe(LIMIT);
    expect(await keptBy(tenant)).toMatchObject({ memories: LIMIT, vectors: LIMIT, links: 0 });
    expect(await verified(tenant)).toEqual({ tenants: 1, differing: [], repaired: 0 });
  });

  it('P26 counts what a deletion, an expiry and a new version give back or take', async () => {
    const tenant = await limited({ memories: 2 });
    const first = await tenant.store({ coord: '1', content: 'one' });
    await tenant.store({ coord: '2', content: 'two' });
    expect(await tenant.post('/memories', { coord: '3', content: 'x' })).toMatchObject(
      problem('QUOTA_EXCEEDED'),
    );
    expect((await tenant.post('/memories', { coord: '2', content: 'two again' })).status).toBe(201);
    const before = await keptBy(tenant);
    await ok(tenant.patch(`/memories/${first.id}`, { content: 'one and a good deal more' }));
    expect((await keptBy(tenant)).bytes).toBeGreaterThan(before.bytes);
    expect((await tenant.delete(`/memories/${first.id}`)).status).toBe(204);
    expect(await keptBy(tenant)).toMatchObject({ memories: 1, vectors: 1 });
    await tenant.store({ coord: '3', content: 'three', tags: ['go'] });
    await tenant.deleteBy({ filter: { tags: 'go' }, dry_run: false });
    expect(await keptBy(tenant)).toMatchObject({ memories: 1, vectors: 1 });
    expect((await verified(tenant)).differing).toEqual([]);
  });

  it('P26 refuses a bulk, a patch and a link that do not fit, and keeps nothing of them', async () => {
    const tenant = await limited({ memories: 5, bytes: 4_000 });
    const items = Array.from({ length: 6 }, (_, n) => ({ coord: `${n}`, content: `n ${n}` }));
    expect(await tenant.post<BulkResult>('/memories/bulk', { memories: items })).toMatchObject(
      problem('QUOTA_EXCEEDED'),
    );
    expect(await keptBy(tenant)).toEqual({ memories: 0, bytes: 0, vectors: 0, links: 0 });
    await tenant.storeAll(items.slice(0, 3));
    expect(await tenant.patch('/memories/0', { content: 'x'.repeat(5_000) })).toMatchObject(
      problem('QUOTA_EXCEEDED'),
    );
    expect((await tenant.read('0')).version).toBe(1);
    for (const [from, to] of ['01', '12', '20'].map((pair) => [...pair] as [string, string])) {
      await tenant.link(from, to);
    }
    const fourth = { from_coord: '1', to_coord: '0' };
    expect(await tenant.post('/graph/link', fourth)).toMatchObject(problem('QUOTA_EXCEEDED'));
    expect((await tenant.stats()).links.total).toBe(3);
    expect((await tenant.delete('/memories/0')).status).toBe(204);
    expect((await keptBy(tenant)).links).toBe(1);
    expect((await verified(tenant)).differing).toEqual([]);
  });

  describe('of a tenant that evicts', () => {
    it('P26 makes room by the least important that is not pinned', async () => {
      const tenant = await limited({ memories: 3, policy: 'evict' });
      const keep = await tenant.store({ coord: '1', importance: 0.1, pinned: true, content: 'a' });
      const goes = await tenant.store({ coord: '2', importance: 0.2, content: 'tea and biscuits' });
      const stays = await tenant.store({ coord: '3', importance: 0.9, content: 'c' });
      const comes = await tenant.store({ coord: '4', importance: 0.5, content: 'd' });
      expect(await tenant.get(`/memories/${goes.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
      const { memories } = await tenant.list();
      expect(memories.map(({ id }) => id).sort()).toEqual([keep.id, stays.id, comes.id].sort());
      const found = await tenant.search('tea and biscuits');
      expect(found.memories.map(({ id }) => id)).not.toContain(goes.id);
      expect((await verified(tenant)).differing).toEqual([]);
    });

    it('P26 frees bytes too, and refuses what nothing can make room for', async () => {
      const tenant = await limited({ bytes: 3_000, policy: 'evict' });
      for (let n = 0; n < 8; n++) await tenant.store({ coord: `${n}`, content: 'y'.repeat(300) });
      const kept = await keptBy(tenant);
      expect(kept.bytes).toBeLessThanOrEqual(3_000);
      expect(kept.memories).toBeGreaterThan(0);
      expect(await tenant.post('/memories', { content: 'z'.repeat(9_000) })).toMatchObject(
        problem('QUOTA_EXCEEDED'),
      );
      const pinned = await limited({ memories: 1, policy: 'evict' });
      await pinned.store({ pinned: true, content: 'stays' });
      expect(await pinned.post('/memories', { content: 'x' })).toMatchObject(
        problem('QUOTA_EXCEEDED'),
      );
    });

    it('P26 stores every one of 60 writers at once, and keeps its limit', async () => {
      const tenant = await limited({ memories: 10, policy: 'evict' });
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) => stored(tenant, { content: `${n}` })),
      );
      expect(statusesOf(answers)).toEqual({ 201: 60 });
      expect((await keptBy(tenant)).memories).toBeLessThanOrEqual(10);
      expect((await verified(tenant)).differing).toEqual([]);
    });
  });

  it('P46 limits the requests of a tenant and of a token, and says so', () =>
    whileRedisIsWell([service.url], async () => {
      const tenant = await limited({ requests_per_day: 4 });
      const body = { name: 'n', scopes: ['memories:read'], requests_per_day: 2 };
      const path = `${pathOf(tenant)}/tokens`;
      const token = clientOf(
        service.url,
        await ok(asOperator<CreatedToken>('POST', path, body), 201),
      );
      const first = await token.get('/stats');
      expect(first.headers.get('ratelimit-policy')).toBe(
        '2;w=86400;name="token", 4;w=86400;name="tenant"',
      );
      expect(first.headers.get('ratelimit-remaining')).toBe('1');
      await token.get('/stats');
      for (let n = 0; n < 5; n++) {
        expect(await token.get('/stats')).toMatchObject(problem('RATE_LIMITED'));
      }
      const answers = await Promise.all([1, 2, 3].map(() => tenant.get('/stats')));
      expect(statusesOf(answers)).toEqual({ 200: 2, 429: 1 });
      const refused = answers.find(({ status }) => status === 429);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(80_000);
    }));

  it('P46 counts requests, searches and embeddings by the day, for each tenant', async () => {
    const [tenant, other] = [await service.tenant(), await service.tenant()];
    await tenant.store({ content: 'a text that nobody embedded before' });
    await tenant.search('one');
    await tenant.post('/memories/search/batch', { searches: [{ query: 'a' }, { query: 'b' }] });
    // Written down after a while; at midnight, in two parts.
    const sumOf = ({ days }: Usage, count: 'requests' | 'searches' | 'embedded_texts') =>
      days.reduce((sum, day) => sum + day[count], 0);
    const usage = await eventually(
      () => ok(asOperator<Usage>('GET', `${pathOf(tenant)}/usage?days=2`)),
      (seen) =>
        sumOf(seen, 'requests') >= 3 &&
        sumOf(seen, 'searches') >= 3 &&
        sumOf(seen, 'embedded_texts') >= 4,
    );
    expect(sumOf(usage, 'searches')).toBe(3);
    expect(sumOf(usage, 'requests')).toBe(3);
    const own = await ok(tenant.get<Usage>(`${pathOf(tenant)}/usage?days=2`));
    expect(sumOf(own, 'searches')).toBe(3);
    expect(await ok(other.get<Usage>(`${pathOf(other)}/usage`))).toMatchObject({ days: [] });
    expect(await other.get(`${pathOf(tenant)}/usage`)).toMatchObject(problem('TENANT_NOT_FOUND'));
  });

  it('P46 are set by the operator alone, and read by the tenant', async () => {
    const [tenant, other] = [await limited({ memories: 7 }), await service.tenant()];
    const path = `${pathOf(tenant)}/quotas`;
    const quotas = await ok(tenant.get<Quotas>(path));
    expect(quotas.set).toMatchObject({ memories: 7, links: null, policy: null });
    expect(quotas.effective).toMatchObject({ memories: 7, links: 3, bytes: 0, policy: 'reject' });
    expect(await other.get(path)).toMatchObject(problem('TENANT_NOT_FOUND'));
    const put = { token: tenant.token, body: { memories: 9 } };
    expect(await service.request('PUT', path, put)).toMatchObject(problem('SCOPE_MISSING'));
    for (const body of [{ memories: -1 }, { memories: 1.5 }, { policy: 'x' }, { x: 1 }]) {
      expect(await asOperator('PUT', path, body)).toMatchObject(problem('VALIDATION_FAILED'));
    }
    const kept = { name: 'k', scopes: ['admin'], namespaces: ['a'] };
    const token = await ok(tenant.post<CreatedToken>(`${pathOf(tenant)}/tokens`, kept), 201);
    expect(await clientOf(service.url, token).get(`${pathOf(tenant)}/usage`)).toMatchObject(
      problem('NAMESPACE_FORBIDDEN'),
    );
  });
});
