import { randomUUID } from 'node:crypto';
import type { Consistency, ReconcileReport, ReindexReport } from '@soma/indexing';
import { ok, problem } from './http.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';

const CONTENTS = ['green tea at noon', 'black coffee at dawn', 'a kettle of white porcelain'];

describe('whether the index is what the database says', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  const operator = <Body>(method: string, path: string, body?: object) =>
    service.request<Body>(method, path, { token: OPERATOR_TOKEN, body });
  const reconcile = (body: object) =>
    ok(operator<ReconcileReport>('POST', '/admin/reconcile', body));
  const reindex = (body: object) => ok(operator<ReindexReport>('POST', '/admin/reindex', body));

  const countsOf = async (client: Client) => {
    for (let cursor = ''; ;) {
      const path = `/admin/consistency?limit=200${cursor && `&cursor=${cursor}`}`;
      const page = await ok(operator<Consistency>('GET', path));
      const own = page.tenants.find(({ tenant_id: id }) => id === client.tenantId);
      if (own || page.next_cursor === null) return own;
      cursor = page.next_cursor;
    }
  };
  const idsFound = async (client: Client): Promise<string[]> =>
    (await client.search('tea and coffee', { top_k: 10 })).memories.map(({ id }) => id);

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await ours.storeAll(CONTENTS.map((content) => ({ content })));
    await theirs.store({ content: 'theirs alone' });
    await Promise.all([ours.settledStats(), theirs.settledStats()]);
  });
  afterAll(() => service.close());

  it('P22 counts what is stored and what is indexed, by tenant', async () => {
    const counted = { tenant_id: ours.tenantId, stored: 3, waiting: 0, indexed: 3 };
    expect(await countsOf(ours)).toEqual(counted);
    expect(await countsOf(theirs)).toMatchObject({ stored: 1, indexed: 1 });
  });

  it('P22 finds nothing to repair after plain writes', async () => {
    const report = await reconcile({ tenant: ours.tenantId });
    expect(report).toMatchObject({
      dry_run: false,
      tenants: [{ tenant_id: ours.tenantId, indexed: 3, missing: 0, orphans: 0, repaired: 0 }],
    });
  });

  it('P22 indexes anew from the stored vectors, with the same answers', async () => {
    const [before, foreign] = [await idsFound(ours), await idsFound(theirs)];
    expect(before).toHaveLength(3);
    expect(await reindex({ tenant: ours.tenantId })).toEqual({ tenants: 1, queued: 3 });
    expect(await idsFound(ours)).toEqual(before);
    await ours.settledStats();
    expect(await countsOf(ours)).toMatchObject({ stored: 3, waiting: 0, indexed: 3 });
    expect(await idsFound(ours)).toEqual(before);
    expect(await idsFound(theirs)).toEqual(foreign);
  });

  it('P22 pages through the tenants', async () => {
    const first = await ok(operator<Consistency>('GET', '/admin/consistency?limit=1'));
    const next = `/admin/consistency?limit=1&cursor=${first.next_cursor}`;
    const second = await ok(operator<Consistency>('GET', next));
    const ids = [...first.tenants, ...second.tenants].map(({ tenant_id }) => tenant_id);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual(ids.toSorted());
    expect(await operator('GET', '/admin/consistency?cursor=x')).toMatchObject(
      problem('CURSOR_INVALID'),
    );
  });

  it('P22 says that a tenant is not there, and takes no other field', async () => {
    for (const path of ['/admin/reconcile', '/admin/reindex']) {
      expect(await operator('POST', path, { tenant: randomUUID() })).toMatchObject(
        problem('TENANT_NOT_FOUND'),
      );
      expect(await operator('POST', path, { tenant: 'x' })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
      expect(await operator('POST', path, { everything: true })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    }
  });

  it("P42 is the operator's alone", async () => {
    const body = { tenant: ours.tenantId };
    const refused = problem('SCOPE_MISSING');
    expect(await ours.get('/admin/consistency')).toMatchObject(refused);
    expect(await ours.post('/admin/reconcile', body)).toMatchObject(refused);
    expect(await ours.post('/admin/reindex', body)).toMatchObject(refused);
  });
});
