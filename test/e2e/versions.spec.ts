import type { Memory } from '@soma/memory';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

describe('versions of a memory', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const versions = async (client: Client): Promise<number> => (await client.stats()).versions;

  describe('at a taken coordinate', () => {
    it('makes version n+1 and keeps version n', async () => {
      const first = await ours.store({ coord: '1', content: 'blue', tags: ['a'], importance: 0.9 });
      const before = await versions(ours);
      const second = await ours.store({ coord: '1.0', content: 'green' });
      expect(second).toMatchObject({
        id: first.id,
        version: 2,
        content: 'green',
        tags: [],
        importance: 0.5,
        created_at: first.created_at,
      });
      expect(await versions(ours)).toBe(before + 1);
    });

    it('starts at version 1 for another tenant and for another namespace', async () => {
      expect((await theirs.store({ coord: '1', content: 'red' })).version).toBe(1);
      expect((await ours.store({ coord: '1', content: 'red', namespace: 'b' })).version).toBe(1);
      expect(await ours.read('1')).toMatchObject({ content: 'green', version: 2 });
    });

    it('loses no version of fifty writers at once', async () => {
      const client = await service.tenant();
      const stored = await Promise.all(
        Array.from({ length: 50 }, (_, n) => client.store({ coord: '7', content: `writer ${n}` })),
      );
      const numbers = stored.map(({ version }) => version).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
      const last = stored.find(({ version }) => version === 50);
      expect(await client.read('7')).toMatchObject({ version: 50, content: last?.content });
      const { memories, versions: kept, embeddings } = await client.stats();
      expect([memories.total, kept, embeddings.total]).toEqual([1, 50, 1]);
    });
  });

  describe('changing fields', () => {
    const patch = (address: string, body: object, headers?: Record<string, string>) =>
      ok(ours.patch<Memory>(`/memories/${address}`, body, headers));

    it('P27 sets importance, and leaves every other field', async () => {
      const stored = await ours.store({ coord: '2', payload: { text: 'keys' }, tags: ['home'] });
      const patched = await patch('2', { importance: 0.95 });
      expect(patched).toEqual({
        ...stored,
        importance: 0.95,
        version: 2,
        updated_at: patched.updated_at,
      });
      expect(Date.parse(patched.updated_at)).toBeGreaterThanOrEqual(Date.parse(stored.updated_at));
      expect(await ours.patch('/memories/2', { importance: 1.01 })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    });

    it('changes any field by coordinate or id, and a type its tier', async () => {
      const { id } = await ours.store({ coord: '3', content: 'old', session_id: 's' });
      const changes = {
        content: 'new',
        payload: { a: 1 },
        memory_type: 'summary',
        tags: ['t'],
        metadata: { m: null },
        pinned: true,
        session_id: null,
        speaker: 'Bo',
        occurred_at: '2026-02-03T04:05:06.000Z',
        expires_at: '2999-01-01T00:00:00.000Z',
      };
      expect(await patch(id, changes)).toMatchObject({ ...changes, tier: 2, version: 2 });
      const cleared = await patch('3', { expires_at: null, occurred_at: null, speaker: null });
      expect(cleared).toMatchObject({
        expires_at: null,
        occurred_at: null,
        speaker: null,
        version: 3,
      });
    });

    it('draws content anew from a changed payload, unless content was given', async () => {
      await ours.store({ coord: '4', payload: { text: 'drawn' } });
      expect(await patch('4', { payload: { text: 'drawn again' } })).toMatchObject({
        content: 'drawn again',
      });
      expect(await patch('4', { content: 'given' })).toMatchObject({ content: 'given' });
      expect(await patch('4', { payload: { text: 'not drawn' } })).toMatchObject({
        content: 'given',
        payload: { text: 'not drawn' },
      });
      expect(await patch('4', { payload: { text: 'x' }, content: 'y' })).toMatchObject({
        content: 'y',
      });
    });

    it('finds the new content by search, and does not rank by the old', async () => {
      const client = await service.tenant();
      await client.store({ coord: '1', content: 'The zeppelin landed in Friedrichshafen.' });
      await client.store({ coord: '2', content: 'Bananas ripen on the windowsill.' });
      await client.patch('/memories/1', { content: 'The quartz watch stopped at noon.' });
      const found = await client.search('quartz watch');
      expect(found.memories[0]).toMatchObject({ coordinate: '1' });
      const old = await client.search('zeppelin Friedrichshafen');
      const score = old.memories.find(({ coordinate }) => coordinate === '1')?.score ?? 0;
      expect(score).toBeLessThan(0.51);
      expect(old.memories.every(({ content }) => !content.includes('zeppelin'))).toBe(true);
    });

    it('filters by the new fields in the very next search', async () => {
      const client = await service.tenant();
      const { id } = await client.store({ content: 'a filing cabinet', tags: ['v0'] });
      for (let n = 1; n <= 25; n++) {
        await client.patch(`/memories/${id}`, { tags: [`v${n}`], importance: n / 25 });
        const search = async (filter: object) =>
          (await client.search('cabinet', { filter })).memories.map(({ version }) => version);
        expect(await search({ tags: `v${n}`, importance: n / 25 })).toEqual([n + 1]);
        expect(await search({ tags: `v${n - 1}` })).toEqual([]);
      }
    });

    it('refuses an unknown field, a fixed one, and no field at all', async () => {
      await ours.store({ coord: '5', content: 'fixed' });
      for (const body of [{}, { version: 9 }, { coord: '6' }, { tenant_id: 'x' }, { tier: 2 }]) {
        expect(await ours.patch('/memories/5', body)).toMatchObject(problem('VALIDATION_FAILED'));
      }
      expect(await ours.read('5')).toMatchObject({ version: 1, tier: 0 });
    });

    it('counts each of thirty changes at once', async () => {
      await ours.store({ coord: '6', content: 'busy' });
      const patched = await Promise.all(
        Array.from({ length: 30 }, (_, n) => patch('6', { metadata: { n } })),
      );
      expect(new Set(patched.map(({ version }) => version)).size).toBe(30);
      expect(await ours.read('6')).toMatchObject({ version: 31 });
    });
  });

  describe('If-Match', () => {
    it('changes and deletes only the version it names', async () => {
      await ours.store({ coord: '8', content: 'one' });
      const read = await ours.get<Memory>('/memories/8');
      const etag = read.headers.get('etag') ?? '';
      expect(etag).toBe('"1"');
      const patched = await ours.patch('/memories/8', { content: 'two' }, { 'if-match': etag });
      expect([patched.status, patched.headers.get('etag')]).toEqual([200, '"2"']);

      const stale = problem('VERSION_MISMATCH');
      const late = { 'if-match': etag };
      expect(await ours.patch('/memories/8', { content: 'three' }, late)).toMatchObject(stale);
      expect(await ours.delete('/memories/8', undefined, late)).toMatchObject(stale);
      expect(await ours.read('8')).toMatchObject({ content: 'two', version: 2 });
      const listed = { 'if-match': '"1", "2"' };
      expect((await ours.patch('/memories/8', { pinned: true }, listed)).status).toBe(200);
      expect((await ours.delete('/memories/8', undefined, { 'if-match': '*' })).status).toBe(204);
    });

    it('lets one of ten writers of the same version through', async () => {
      await ours.store({ coord: '9', content: 'race' });
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          ours.patch('/memories/9', { metadata: { n } }, { 'if-match': '"1"' }),
        ),
      );
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
    });

    it('refuses what is not an ETag of this service', async () => {
      await ours.store({ coord: '10', content: 'tag' });
      for (const etag of ['1', 'W/"1"', '"x"', '"1', '"99999999999"']) {
        const answer = await ours.patch('/memories/10', { pinned: true }, { 'if-match': etag });
        expect(answer).toMatchObject(problem('VALIDATION_FAILED'));
      }
    });

    it("says nothing of another tenant's version", async () => {
      await ours.store({ coord: '11', content: 'ours' });
      for (const etag of ['"1"', '"2"', '*']) {
        const answer = await theirs.patch('/memories/11', { pinned: true }, { 'if-match': etag });
        expect(answer).toMatchObject(problem('MEMORY_NOT_FOUND'));
      }
    });
  });
});
