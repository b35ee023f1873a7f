import type { Link } from '@soma/graph';
import type { BulkResult, Deletion, Memory } from '@soma/memory';
import { ok, problem, untilServed } from './http.js';
import { type Client, type Service, startService } from './service.js';

const REUSED = problem('IDEMPOTENCY_KEY_REUSED');

describe('Idempotency-Key', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  let keys = 0;
  const freshKey = () => {
    keys += 1;
    return { 'idempotency-key': `key-${keys}` };
  };

  it('stores once, and gives the first answer to each later request', async () => {
    const key = freshKey();
    const body = { coord: '1', payload: { b: 1, a: [1.5, null] } };
    const first = await ours.post<Memory>('/memories', body, key);
    const again = await ours.post<Memory>('/memories', body, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('etag')).toBe('"1"');
    expect(await ours.read('1')).toMatchObject({ version: 1 });
    await ours.patch('/memories/1', { content: 'changed since' });
    expect((await ours.post<Memory>('/memories', body, key)).body).toEqual(first.body);
    expect(await ours.read('1')).toMatchObject({ version: 2, content: 'changed since' });
  });

  it('refuses another request under the same key', async () => {
    const key = freshKey();
    await ok(ours.post('/memories', { coord: '2', content: 'one' }, key), 201);
    expect(await ours.post('/memories', { coord: '2', content: 'two' }, key)).toMatchObject(REUSED);
    expect(
      await ours.post('/memories/bulk', { memories: [{ content: 'one' }] }, key),
    ).toMatchObject(REUSED);
    expect(await ours.delete('/memories/2', undefined, key)).toMatchObject(REUSED);
    expect(await ours.read('2')).toMatchObject({ version: 1, content: 'one' });
  });

  it('is independent of the same key of another tenant', async () => {
    const key = freshKey();
    const body = { coord: '3', content: 'same' };
    const mine = await ok(ours.post<Memory>('/memories', body, key), 201);
    const yours = await ok(theirs.post<Memory>('/memories', body, key), 201);
    expect(yours.id).not.toBe(mine.id);
    expect((await theirs.post<Memory>('/memories', body, key)).body.id).toBe(yours.id);
    const other = { coord: '3', content: 'other' };
    expect(await theirs.post('/memories', other, key)).toMatchObject(REUSED);
  });

  it('makes one row of fifty requests at once, and one answer', async () => {
    const client = await service.tenant();
    const key = freshKey();
    const body = { content: 'No coordinate, so each would be a new memory.' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        untilServed(() => client.post<Memory>('/memories', body, key)),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
    const { memories, versions } = await client.stats();
    expect([memories.total, versions]).toEqual([1, 1]);
  });

  it('holds for a bulk', async () => {
    const client = await service.tenant();
    const key = freshKey();
    const body = { memories: [{ content: 'a' }, { content: '' }, { content: 'b' }] };
    const first = await ok(client.post<BulkResult>('/memories/bulk', body, key));
    expect(await ok(client.post<BulkResult>('/memories/bulk', body, key))).toEqual(first);
    expect((await client.stats()).memories.total).toBe(2);
  });

  it('holds for a change; once the memory is gone, so is the answer that tells of it', async () => {
    await ours.store({ coord: '4', content: 'old' });
    const key = freshKey();
    const change = () => ours.patch<Memory>('/memories/4', { content: 'new' }, key);
    const first = await ok(change());
    expect(await ok(change())).toEqual(first);
    expect(await ours.read('4')).toMatchObject({ version: 2 });
    await ours.delete('/memories/4');
    expect(await change()).toMatchObject(problem('ANSWER_DELETED'));
    expect(await ours.patch('/memories/4', { content: 'newer' }, key)).toMatchObject(REUSED);
  });

  it('holds for a deletion, which a retry does not answer with 404', async () => {
    await ours.store({ coord: '5', content: 'doomed' });
    const key = freshKey();
    const remove = () => ours.delete('/memories/5', undefined, key);
    expect((await remove()).status).toBe(204);
    await ours.store({ coord: '5', content: 'new life' });
    expect((await remove()).status).toBe(204);
    expect(await ours.read('5')).toMatchObject({ content: 'new life' });
  });

  it('holds for a deletion by filter', async () => {
    await ours.storeAll([{ content: 'x', tags: ['sweep'] }]);
    const key = freshKey();
    const sweep = () =>
      ok(
        ours.post<Deletion>('/memories/delete', { filter: { tags: 'sweep' }, dry_run: false }, key),
      );
    const first = await sweep();
    expect(first.deleted).toBe(1);
    await ours.storeAll([{ content: 'y', tags: ['sweep'] }]);
    expect(await sweep()).toEqual(first);
    expect((await ours.list('tag=sweep')).memories).toHaveLength(1);
  });

  it('holds for links and their removal', async () => {
    await ours.storeAll([
      { coord: '6', content: 'from' },
      { coord: '7', content: 'to' },
    ]);
    const [linkKey, unlinkKey] = [freshKey(), freshKey()];
    const ends = { from_coord: '6', to_coord: '7' };
    const link = () => ours.post<Link>('/graph/link', ends, linkKey);
    const unlink = () => ours.delete('/graph/link', ends, unlinkKey);
    const first = await ok(link(), 201);
    expect(await ok(unlink())).toEqual({ deleted: 1 });
    expect(await ok(link(), 201)).toEqual(first);
    expect((await ours.neighbors('coord=6')).neighbors).toEqual([]);
    expect(await ok(unlink())).toEqual({ deleted: 1 });
    const stronger = { ...ends, strength: 0.5 };
    expect(await ours.post('/graph/link', stronger, linkKey)).toMatchObject(REUSED);
  });

  it('forgets a request that failed, so that it can be sent again', async () => {
    const key = freshKey();
    const body = { coord: '8', content: 'linked', links: [{ to_coord: '8.5' }] };
    expect(await ours.post('/memories', body, key)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    await ours.store({ coord: '8.5', content: 'target' });
    expect(await ok(ours.post<Memory>('/memories', body, key), 201)).toMatchObject({ version: 1 });
  });

  it('tells If-Match and namespace apart', async () => {
    await ours.store({ coord: '9', content: 'here' });
    await ours.store({ coord: '9', content: 'there', namespace: 'there' });
    const key = freshKey();
    await ok(ours.patch('/memories/9', { pinned: true }, key));
    for (const [path, headers] of [
      ['/memories/9?namespace=there', key],
      ['/memories/9', { ...key, 'if-match': '"1"' }],
    ] as const) {
      expect(await ours.patch(path, { pinned: true }, headers)).toMatchObject(REUSED);
    }
  });

  it('refuses keys that are no keys', async () => {
    const before = await ours.stats();
    for (const value of ['', 'two words', 'x'.repeat(256), 'caf\u00e9', '\ttab']) {
      const answer = await ours.post(
        '/memories',
        { content: 'x', coord: '10' },
        { 'idempotency-key': value },
      );
      const stored = value.trim() !== '' && /^[\x21-\x7e]{1,255}$/.test(value.trim());
      expect(answer).toMatchObject(stored ? { status: 201 } : problem('IDEMPOTENCY_KEY_INVALID'));
    }
    expect((await ours.stats()).memories.total).toBe(before.memories.total + 1);
  });
});
