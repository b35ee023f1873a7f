import { setTimeout as sleep } from 'node:timers/promises';
import type { Memory } from '@soma/memory';
import { askRaw, AUDIT, tablesOnceAudited, tablesWith } from '../raw-tables.js';
import { ok, problem } from '../http.js';
import { type Client, type Service, startService } from '../service.js';
import { forgettingOf } from './requests.js';

const PRUNE = { prune: { below: 0.1 }, every_hours: null };

describe('decay', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let sut: ReturnType<typeof forgettingOf>;

  beforeAll(async () => {
    service = await startService();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    sut = forgettingOf(service, ours);
  });
  afterAll(() => service.close());

  const storeFaint = (client: Client, coord: string, more = {}): Promise<Memory> =>
    client.store({ coord, content: `faint thing ${coord}`, importance: 0.05, ...more });

  it('P24 is of the policy of the tenant, which another neither sees nor sets', async () => {
    const set = await sut.setPolicy({ half_life_days: { episodic: 7 }, ...PRUNE });
    expect(set.half_lives.days).toMatchObject({ episodic: 7, semantic: 90 });
    expect(await ok(theirs.get(`/admin/tenants/${theirs.tenantId}/decay-policy`))).toMatchObject({
      policy: null,
    });
    expect(await theirs.get(sut.policyPath)).toMatchObject(problem('TENANT_NOT_FOUND'));
    const foreign = forgettingOf(service, theirs);
    expect(await foreign.put(sut.policyPath, PRUNE)).toMatchObject(problem('TENANT_NOT_FOUND'));
    expect(await foreign.step({ dry_run: false })).toMatchObject(problem('DECAY_POLICY_MISSING'));
    expect(await sut.put(sut.policyPath, { prune: {} })).toMatchObject(
      problem('VALIDATION_FAILED'),
    );
    expect((await ours.delete(sut.policyPath)).status).toBe(204);
    expect(await sut.step({ dry_run: false })).toMatchObject(problem('DECAY_POLICY_MISSING'));
  });

  it('P25 says what would be gone on a date, and changes nothing', async () => {
    await ours.storeAll([
      { coord: '1', content: 'an episode', importance: 0.5 },
      { coord: '2', content: 'a pinned one', importance: 0.5, pinned: true },
      { coord: '3', content: 'a fact', importance: 0.5, memory_type: 'semantic' },
    ]);
    const policy = { prune: { after_days: 30, below: 0.1 } };
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const goneIn = async (days: number) =>
      (await sut.run({ dry_run: true, at: inDays(days), policy })).map(
        ({ coordinate }) => coordinate,
      );
    // Half-lives of 30 days at tier 0 and of 180 at tier 1: 0.5 is below 0.1 after 2.33 of them.
    expect(await goneIn(20)).toEqual([]);
    expect(await goneIn(100)).toEqual(['1']);
    expect((await goneIn(500)).sort()).toEqual(['1', '3']);
    expect((await ours.list()).memories).toHaveLength(3);
    expect((await sut.archive()).archived).toEqual([]);
    expect(await sut.step({ dry_run: false, at: inDays(500) })).toMatchObject(
      problem('VALIDATION_FAILED'),
    );
  });

  it('P25 does what it said it would, page by page, and to no other tenant', async () => {
    const coords = Array.from({ length: 12 }, (_, at) => String(at));
    await Promise.all(coords.map((coord) => storeFaint(ours, coord)));
    await ours.store({ coord: '50', content: 'a strong thing', importance: 0.9 });
    await storeFaint(theirs, '1');
    await forgettingOf(service, theirs).setPolicy(PRUNE);
    await sut.setPolicy(PRUNE);
    const at = new Date(Date.now() + 50).toISOString();
    const said = await sut.run({ dry_run: true, at, limit: 5 });
    const done = await sut.run({ dry_run: false, limit: 5 });
    const idsOf = (all: readonly { id: string }[]) => all.map(({ id }) => id).sort();
    expect(idsOf(done)).toEqual(idsOf(said));
    expect(done).toHaveLength(12);
    expect(idsOf((await sut.archive('limit=200')).archived)).toEqual(idsOf(done));
    expect((await ours.list()).memories.map(({ coordinate }) => coordinate)).toEqual(['50']);
    const found = await ours.search('faint thing', { top_k: 50 });
    expect(found.memories.map(({ coordinate }) => coordinate)).toEqual(['50']);
    expect((await theirs.list()).memories).toHaveLength(1);
    expect((await forgettingOf(service, theirs).archive()).archived).toEqual([]);
    expect(await sut.run({ dry_run: false })).toEqual([]);
  });

  it('P24 puts back a memory as it was, with versions, links and vectors, found at once', async () => {
    await sut.setPolicy(PRUNE);
    await storeFaint(ours, '1');
    const changed = await storeFaint(ours, '1', { content: 'a brown fox sleeps', tags: ['x'] });
    const other = await storeFaint(ours, '2');
    const strong = await ours.store({ coord: '3', content: 'a strong thing', importance: 0.9 });
    await ours.link('1', '2', { link_type: 'near' });
    await ours.link('3', '1', { link_type: 'far', metadata: { why: 'test' } });
    const picture = (id: string) =>
      askRaw(service, async (ask) => ({
        memory: await ask(`SELECT to_jsonb(m) - 'access_count' - 'last_accessed_at' AS row
          FROM memories m WHERE id = '${id}'`),
        versions: await ask(`SELECT to_jsonb(v) AS row FROM memory_versions v
          WHERE memory_id = '${id}' ORDER BY version`),
        vectors: await ask(`SELECT model, encode(vector, 'hex') AS vector FROM embeddings
          WHERE memory_id = '${id}'`),
        links: await ask(`SELECT to_jsonb(l) AS row FROM links l
          WHERE from_id = '${id}' OR to_id = '${id}' ORDER BY id`),
      }));
    const before = await picture(changed.id);
    expect(before).toMatchObject({
      memory: [{}],
      versions: [{}, {}],
      vectors: [{}],
      links: [{}, {}],
    });
    expect(await sut.run({ dry_run: false })).toHaveLength(2);
    expect(await ours.get(`/memories/${changed.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect(
      (await ours.search('brown fox', { explain: true })).memories.map(({ id }) => id),
    ).toEqual([strong.id]);
    const foreign = forgettingOf(service, theirs);
    expect(await foreign.restore(changed.id)).toMatchObject(problem('ARCHIVE_NOT_FOUND'));
    const restored = await ok(sut.restore<Memory>(changed.id));
    expect(restored).toMatchObject({
      ...changed,
      access_count: 1,
      last_accessed_at: expect.any(String),
    });
    const [first] = (await ours.search('brown fox')).memories;
    expect(first?.id).toBe(changed.id);
    await ok(sut.restore<Memory>(other.id));
    expect(await picture(changed.id)).toEqual(before);
    expect(await sut.restore(changed.id)).toMatchObject(problem('ARCHIVE_NOT_FOUND'));
  });

  it('P24 says when the coordinate is taken by now, and restores to another', async () => {
    await sut.setPolicy(PRUNE);
    const faint = await storeFaint(ours, '1');
    await sut.run({ dry_run: false });
    await ours.store({ coord: '1', content: 'another', importance: 0.9 });
    expect(await sut.restore(faint.id)).toMatchObject(problem('COORDINATE_TAKEN'));
    expect(await ok(sut.restore<Memory>(faint.id, { coord: '9' }))).toMatchObject({
      id: faint.id,
      coordinate: '9',
    });
    expect((await ours.read('9')).content).toBe(faint.content);
  });

  it('P24 takes keys away by level, and gives them back', async () => {
    await sut.setPolicy({
      levels: [
        { below: 0.5, payload_keys: ['raw'], metadata_keys: ['trace'] },
        { below: 0.1, payload_keys: ['detail'] },
      ],
      every_hours: null,
    });
    const payload = { raw: 'long', detail: 'some', kept: 1 };
    const store = (coord: string, importance: number) =>
      ours.store({ coord, content: 'x', payload, metadata: { trace: 1, k: 2 }, importance });
    const [low, middle, high] = [
      await store('1', 0.05),
      await store('2', 0.3),
      await store('3', 0.9),
    ];
    const done = await sut.run({ dry_run: false });
    expect(done.map(({ id, payload_keys: keys }) => [id, keys])).toEqual(
      expect.arrayContaining([
        [low.id, ['detail', 'raw']],
        [middle.id, ['raw']],
      ]),
    );
    expect(await ours.read(low.id)).toMatchObject({
      version: 2,
      payload: { kept: 1 },
      metadata: { k: 2 },
    });
    expect((await ours.read(high.id)).payload).toEqual(payload);
    expect((await ours.read(low.id)).payload).toEqual({ kept: 1 });
    const { archived } = await sut.archive('kind=fields');
    const entry = archived.find(({ memory_id: id }) => id === low.id);
    expect(entry).toMatchObject({ payload_keys: ['detail', 'raw'], metadata_keys: ['trace'] });
    const foreign = forgettingOf(service, theirs);
    expect(await foreign.restore(entry?.id ?? '')).toMatchObject(problem('ARCHIVE_NOT_FOUND'));
    expect(await ok(sut.restore<Memory>(entry?.id ?? ''))).toMatchObject({
      payload,
      metadata: { trace: 1, k: 2 },
      version: 3,
    });
  });

  it('leaves nothing of a deleted memory in the archive, and says so in the receipt', async () => {
    await sut.setPolicy(PRUNE);
    const word = `zebra${Date.now()}`;
    const doomed = await storeFaint(ours, '1', { content: word, payload: { word } });
    const other = await storeFaint(ours, '2');
    await ours.link('1', '2');
    await sut.feedback('2', { reward: -0.1 });
    await sut.run({ dry_run: false });
    expect(await tablesWith(service, [word])).toContain('archived_memories');
    expect((await theirs.deleteBy({ ids: [doomed.id] })).deleted).toBe(0);
    const { deleted, receipt_id: receipt } = await ours.deleteBy({ ids: [doomed.id] });
    expect(deleted).toBe(1);
    const verified = async () => {
      for (;;) {
        const { status } = await ok(ours.get<{ status: string }>(`/deletions/${receipt ?? ''}`));
        if (status === 'verified' || status === 'residue') return status;
        await sleep(100);
      }
    };
    expect(await verified()).toBe('verified');
    expect(await tablesWith(service, [word])).toEqual([]);
    expect(await tablesOnceAudited(service, [doomed.id])).toEqual(AUDIT);
    expect((await sut.archive()).archived.map(({ id }) => id)).toEqual([other.id]);
    const gone = await ours.delete(`/hierarchy/archive/${other.id}`);
    expect([gone.status, gone.headers.get('soma-deletion-receipt')]).toEqual([
      204,
      expect.any(String),
    ]);
    const kept = () => tablesOnceAudited(service, [other.id]);
    // Its receipt names it until it has been verified.
    while ((await kept()).includes('deletion_memories')) await sleep(100);
    expect(await kept()).toEqual(AUDIT);
    expect(await ours.delete(`/hierarchy/archive/${other.id}`)).toMatchObject(
      problem('ARCHIVE_NOT_FOUND'),
    );
  });

  it('needs a token of the whole tenant to change anything', async () => {
    await sut.setPolicy(PRUNE);
    await storeFaint(ours, '1', { namespace: 'mine' });
    const created = await ok(
      service.request<{ token: string; id: string }>(
        'POST',
        `/admin/tenants/${ours.tenantId}/tokens`,
        {
          token: ours.token,
          body: { name: 'kept', scopes: ['memories:read', 'memories:write'], namespaces: ['mine'] },
        },
      ),
      201,
    );
    const ask = (body: object) =>
      service.request('POST', '/hierarchy/decay', { token: created.token, body });
    expect(await ask({ dry_run: false, namespace: 'mine' })).toMatchObject(
      problem('NAMESPACE_FORBIDDEN'),
    );
    expect(await ask({ dry_run: true })).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    expect(await ask({ dry_run: true, namespace: 'mine' })).toMatchObject({
      status: 200,
      body: { archived: 1 },
    });
  });
});

describe('decay by schedule', () => {
  it('runs when it is due, once, for the tenant whose policy says so', async () => {
    const service = await startService({ SOMA_FORGETTING_INTERVAL_S: '1' });
    try {
      const [ours, theirs] = [await service.tenant(), await service.tenant()];
      for (const client of [ours, theirs]) {
        await client.store({ coord: '1', content: 'faint', importance: 0.01 });
        await forgettingOf(service, client).setPolicy({ prune: { below: 0.1 }, every_hours: 1 });
      }
      await askRaw(service, (ask) =>
        ask(`UPDATE decay_policies SET next_run_at = now() - interval '1 minute'
          WHERE tenant_id = '${ours.tenantId}' RETURNING 1`),
      );
      while ((await ours.list()).memories.length > 0) {
        await sleep(100);
      }
      expect((await theirs.list()).memories).toHaveLength(1);
    } finally {
      await service.close();
    }
  });
});
