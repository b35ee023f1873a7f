import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

describe('deleting many', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  const corpus = Array.from({ length: 20 }, (_, n) => ({
    coord: `${n}`,
    content: `entry ${n}`,
    metadata: { project: n % 2 === 0 ? 'old' : 'new' },
  }));

  beforeAll(async () => {
    service = await startService();
    theirs = await service.tenant();
    await theirs.storeAll(corpus);
  });
  beforeEach(async () => {
    ours = await service.tenant();
    await ours.storeAll(corpus);
  });
  afterAll(() => service.close());

  const OLD = { filter: { 'metadata.project': 'old' } };
  const NO_ID = '01890000-0000-7000-8000-000000000000';

  it('P4 only counts by filter, unless dry_run is false', async () => {
    const { status, body } = await ours.post('/memories/delete', OLD);
    expect(status).toBe(200);
    expect(body).toMatchObject({ matched: 10, deleted: 0, dry_run: true });
    expect((await ours.stats()).memories.total).toBe(20);
  });

  it('P4 deletes by filter, with versions, vectors and links', async () => {
    await ours.link('0', '1');
    await ours.link('1', '3');
    const told = await ours.deleteBy({ ...OLD, dry_run: true });
    const done = await ours.deleteBy(OLD);
    expect(done).toMatchObject({ matched: 10, deleted: 10, dry_run: false });
    expect(done.ids).toEqual(told.ids);
    const stats = await ours.stats();
    expect([stats.memories.total, stats.versions, stats.embeddings.total]).toEqual([10, 10, 10]);
    expect(stats.links.total).toBe(1);
    const { memories } = await ours.search('entry', { top_k: 1_000 });
    expect(memories.every(({ metadata }) => metadata['project'] === 'new')).toBe(true);
    expect(await ours.deleteBy(OLD)).toMatchObject({ matched: 0, deleted: 0, ids: [] });
  });

  it('P4 deletes by ids, and says which were there', async () => {
    const { memories } = await ours.list('limit=3');
    const ids = memories.map(({ id }) => id);
    const dry = await ours.deleteBy({ ids: [...ids, NO_ID], dry_run: true });
    expect([dry.matched, dry.deleted]).toEqual([3, 0]);
    const done = await ours.deleteBy({ ids: [...ids, NO_ID, ids[0]] });
    expect([done.matched, done.deleted]).toEqual([3, 3]);
    expect([...done.ids].sort()).toEqual([...ids].sort());
    expect((await ours.stats()).memories.total).toBe(17);
  });

  it('touches no memory of another tenant, by ids or by filter', async () => {
    const before = await theirs.settledStats();
    const foreign = (await theirs.list('limit=200')).memories.map(({ id }) => id);
    const own = (await ours.list('limit=1')).memories.map(({ id }) => id);
    expect(await ours.deleteBy({ ids: [...foreign, ...own] })).toMatchObject({
      matched: 1,
      deleted: 1,
      ids: own,
    });
    expect(await ours.deleteBy({ ids: foreign, dry_run: true })).toMatchObject({ matched: 0 });
    await ours.deleteBy({ filter: { not: { 'metadata.project': 'none' } } });
    expect((await ours.stats()).memories.total).toBe(0);
    expect(await theirs.settledStats()).toEqual(before);
  });

  it('deletes by filter inside one namespace', async () => {
    await ours.storeAll([{ content: 'x', namespace: 'b', metadata: { project: 'old' } }]);
    expect(await ours.deleteBy({ ...OLD, namespace: 'b' })).toMatchObject({ deleted: 1 });
    expect((await ours.stats()).memories.by_namespace).toEqual({ default: 20 });
  });

  it('deletes a thousand at once, and names the first thousand of more', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({ content: `${n}`, tags: ['many'] }));
    await ours.storeAll(many);
    await ours.storeAll(many.slice(0, 100));
    const done = await ours.deleteBy({ filter: { tags: 'many' } });
    expect([done.matched, done.deleted, done.ids.length]).toEqual([1_100, 1_100, 1_000]);
    expect((await ours.stats()).memories.total).toBe(20);
  });

  it('loses no memory that is stored meanwhile', async () => {
    const [, ...stored] = await Promise.all([
      ours.deleteBy(OLD),
      ...Array.from({ length: 10 }, (_, n) =>
        ours.store({ content: `kept ${n}`, metadata: { project: 'kept' } }),
      ),
    ]);
    expect(stored).toHaveLength(10);
    expect((await ours.stats()).memories.total).toBe(20);
  });

  it('wants a filter or ids, and not both', async () => {
    const before = await ours.settledStats();
    const ids = [NO_ID];
    for (const body of [
      {},
      { ...OLD, ids },
      { ids: [] },
      { ids: ['x'] },
      { ids: NO_ID },
      { ...OLD, dry_run: 'false' },
      { ids: Array.from({ length: 1_001 }, () => NO_ID) },
      { ...OLD, tenant_id: theirs.tenantId },
    ]) {
      expect(await ours.post('/memories/delete', body)).toMatchObject(problem('VALIDATION_FAILED'));
    }
    expect(await ours.post('/memories/delete', { filter: {} })).toMatchObject(
      problem('FILTER_INVALID'),
    );
    expect(await ours.settledStats()).toEqual(before);
  });
});
