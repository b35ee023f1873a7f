import type { Memory } from '@soma/memory';
import fc from 'fast-check';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const NOT_FOUND = problem('MEMORY_NOT_FOUND');
const NO_ID = '01890000-0000-7000-8000-000000000000';

describe('memories', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  describe('storing', () => {
    it('P1 stores a memory at a coordinate with payload and type', async () => {
      const { status, headers, body } = await ours.post<Memory>('/memories', {
        coord: '1.0,2.0,3.0',
        payload: { text: 'The user likes tea.', n: 1.5 },
        memory_type: 'semantic',
      });
      expect([status, headers.get('etag')]).toEqual([201, '"1"']);
      expect(body).toMatchObject({
        coordinate: '1,2,3',
        namespace: 'default',
        payload: { text: 'The user likes tea.', n: 1.5 },
        memory_type: 'semantic',
        content: 'The user likes tea.',
        version: 1,
        access_count: 0,
        last_accessed_at: null,
      });
      expect(body.created_at).toBe(body.updated_at);
    });

    it('keeps what another tenant stores at the same coordinate apart', async () => {
      const other = await theirs.store({ coord: '1,2,3', content: 'They like coffee.' });
      expect(other).toMatchObject({ version: 1, content: 'They like coffee.' });
      expect(await ours.read('1,2,3')).toMatchObject({ content: 'The user likes tea.' });
      expect((await theirs.stats()).memories.total).toBe(1);
      await theirs.deleteBy({ ids: [other.id] });
    });

    it('draws session, speaker and time that are not given from the metadata', async () => {
      const namespace = 'drawn';
      const metadata = {
        session_id: 's-17',
        role: 'user',
        occurred_at: '2026-05-01T10:00:00+02:00',
      };
      const drawn = {
        session_id: 's-17',
        speaker: 'user',
        occurred_at: '2026-05-01T08:00:00.000Z',
      };
      const stored = await ours.store({ namespace, content: 'I moved to Graz.', metadata });
      expect(stored).toMatchObject({ ...drawn, metadata });
      const filter = { session_id: 's-17', speaker: 'user' };
      const inSession = async (client: Client) =>
        (await client.search('who moved', { namespace, filter })).memories.map(({ id }) => id);
      expect(await inSession(ours)).toEqual([stored.id]);
      expect(await inSession(theirs)).toEqual([]);

      const wrong = { session_id: 17, speaker: '', role: null, occurred_at: 'yesterday' };
      const { results } = await ours.storeAll([{ namespace, content: 'Hm.', metadata: wrong }]);
      const nothing = { session_id: null, speaker: null, occurred_at: null };
      expect(results[0]?.memory).toMatchObject({ ...nothing, metadata: wrong });
      await ours.deleteBy({ namespace, filter: { importance: { gte: 0 } } });
    });

    it('keeps every attribute that is given, and fills in the others', async () => {
      const given = {
        coord: '2',
        content: 'Standup moved to ten.',
        payload: { source: 'calendar' },
        memory_type: 'procedural',
        importance: 0.9,
        tags: ['work', 'time'],
        metadata: { project: 'soma', seq: 4, deep: { list: [1, null, true] } },
        pinned: true,
        dedup: 'never',
        prediction: 'Everybody comes at ten.',
        session_id: 'session 1',
        speaker: 'Ada',
        occurred_at: '2026-05-01T10:00:00.000Z',
        expires_at: '2999-01-01T00:00:00.000Z',
      };
      const { coord, ...attributes } = given;
      expect(await ours.store(given)).toMatchObject({ coordinate: coord, ...attributes });
      expect(await ours.store({ content: 'bare' })).toMatchObject({
        namespace: 'default',
        memory_type: 'episodic',
        importance: 0.5,
        tags: [],
        metadata: {},
        payload: {},
        pinned: false,
        dedup: 'allow',
        prediction: null,
        session_id: null,
        speaker: null,
        occurred_at: null,
        expires_at: null,
        slot: null,
        valid_from: null,
        valid_to: null,
        superseded_by: null,
      });
    });

    it('puts types on their tiers', async () => {
      const tierOf = async (memory_type: string) =>
        (await ours.store({ content: memory_type, memory_type })).tier;
      expect(
        await Promise.all(['episodic', 'procedural', 'semantic', 'summary'].map(tierOf)),
      ).toEqual([0, 0, 1, 2]);
    });

    it('draws content from the payload: a usual text field, else its scalars', async () => {
      const contentOf = async (payload: object) => (await ours.store({ payload })).content;
      expect(await contentOf({ kind: 'note', message: 'hello' })).toBe('hello');
      expect(await contentOf({ a: { b: 1 }, c: [true, 'x'] })).toBe('a.b: 1\nc: true\nc: x');
    });

    it('refuses a memory without anything to search', async () => {
      for (const body of [{}, { coord: '9' }, { payload: {} }, { content: '  ' }]) {
        expect(await ours.post('/memories', body)).toMatchObject(problem('VALIDATION_FAILED'));
      }
      expect(await ours.get('/memories/9')).toMatchObject(NOT_FOUND);
    });

    it('gives a tag once, however often it was given', async () => {
      const stored = await ours.store({ content: 'tagged', tags: ['a', 'b', 'a'] });
      expect(stored.tags).toEqual(['a', 'b']);
      const patched = await ok(
        ours.patch<Memory>(`/memories/${stored.id}`, { tags: ['c', 'c', 'a'] }),
      );
      expect(patched.tags).toEqual(['c', 'a']);
    });

    it('takes times of any offset as the same instant, to the millisecond', async () => {
      const stored = await ours.store({
        content: 'timed',
        occurred_at: '2026-01-01T00:00:00.1239+23:00',
        expires_at: '9999-12-31T23:59:59Z',
      });
      expect(stored.occurred_at).toBe('2025-12-31T01:00:00.123Z');
      expect(stored.expires_at).toBe('9999-12-31T23:59:59.000Z');
      for (const year of ['0001', '0020', '0049', '0099', '1969', '9999']) {
        const occurred_at = `${year}-02-28T12:34:56.789Z`;
        expect(await ours.store({ content: 'timed', occurred_at })).toMatchObject({
          occurred_at,
        });
      }
      for (const occurred_at of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-10:00', 'today']) {
        const answer = await ours.post('/memories', { content: 'timed', occurred_at });
        expect(answer).toMatchObject(problem('VALIDATION_FAILED'));
      }
    });

    it('gives text of any script back as it came', async () => {
      const text = 'Größe 東京 שלום 👩‍👩‍👧 𝒳 e\u0301 \u2028 "quoted" \\ tab\t \u0001';
      const stored = await ours.store({
        content: text,
        payload: { [text]: text },
        metadata: { [text]: [text] },
        tags: [text],
        session_id: text,
        speaker: text,
      });
      expect(await ours.read(stored.id)).toMatchObject({
        content: text,
        payload: { [text]: text },
        metadata: { [text]: [text] },
        tags: [text],
        session_id: text,
        speaker: text,
      });
    });

    it('gives any JSON payload back as it was stored', async () => {
      const text = fc.string({ unit: 'grapheme' });
      const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' });
      const payloads = fc
        .dictionary(text, value, { minKeys: 1 })
        .map((payload) => JSON.stringify(payload))
        .filter((json) => !/__proto__|prototype|\\u0000/.test(json));
      await fc.assert(
        fc.asyncProperty(payloads, async (json) => {
          const payload: unknown = JSON.parse(json);
          const stored = await ours.store({ content: 'random', coord: '77', payload });
          expect(stored.payload).toEqual(payload);
        }),
        { numRuns: 40 },
      );
      expect((await ours.read('77')).version).toBe(40);
    });
  });

  describe('links on store', () => {
    it('links the new memory to those named', async () => {
      await ours.store({ coord: '10,1', content: 'cause' });
      await ours.store({
        coord: '10,2',
        content: 'effect',
        links: [{ to_coord: '10.0,1.0', link_type: 'caused_by', strength: 0.5 }],
      });
      const { neighbors } = await ours.neighbors('coord=10,2&direction=out');
      expect(neighbors).toHaveLength(1);
      expect(neighbors[0]).toMatchObject({
        memory: { coordinate: '10,1' },
        link: { link_type: 'caused_by', strength: 0.5, from_coord: '10,2', to_coord: '10,1' },
      });
    });

    it('stores nothing when a target does not exist, is expired, or is of another tenant', async () => {
      await theirs.store({ coord: '10,3', content: 'foreign' });
      await ours.store({ coord: '10,4', content: 'old', expires_at: '2020-01-01T00:00:00Z' });
      const before = await ours.settledStats();
      for (const to_coord of ['10,99', '10,3', '10,4']) {
        const links = [{ to_coord: '10,1' }, { to_coord }];
        const answer = await ours.post('/memories', { coord: '10,5', content: 'x', links });
        expect(answer).toMatchObject(NOT_FOUND);
      }
      expect(await ours.get('/memories/10,5')).toMatchObject(NOT_FOUND);
      expect(await ours.settledStats()).toEqual(before);
    });
  });

  describe('reading', () => {
    it('P3 reads by coordinate, counting accesses', async () => {
      const first = await ours.read('1,2,3');
      const second = await ours.read('1.0,2.00,3');
      expect(second.access_count).toBe(first.access_count + 1);
      expect(Date.parse(second.last_accessed_at ?? '')).toBeGreaterThan(0);
      expect(second.version).toBe(first.version);
    });

    it('P3 counts each of fifty reads at once', async () => {
      await ours.store({ coord: '3,3', content: 'popular' });
      const reads = await Promise.all(Array.from({ length: 50 }, () => ours.read('3,3')));
      expect(new Set(reads.map(({ access_count }) => access_count)).size).toBe(50);
      expect((await ours.list('min_coord=3,3&max_coord=3,3')).memories[0]?.access_count).toBe(50);
    });

    it('reads the same memory by id, in any case of letters', async () => {
      const { id } = await ours.read('1,2,3');
      expect(await ours.read(id)).toMatchObject({ id, coordinate: '1,2,3' });
      expect(await ours.read(id.toUpperCase())).toMatchObject({ id });
    });

    it('does not read a memory of another tenant', async () => {
      const { id } = await ours.read('1,2,3');
      for (const address of ['1,2,3', id]) {
        const foreign = await theirs.get(`/memories/${address}`);
        const missing = await theirs.get(`/memories/${address === id ? NO_ID : '4,5,6'}`);
        expect(foreign).toMatchObject(NOT_FOUND);
        expect(missing).toMatchObject(NOT_FOUND);
      }
    });

    it('looks a coordinate up in its namespace alone', async () => {
      await ours.store({ coord: '1,2,3', namespace: 'agent é', content: 'elsewhere' });
      const elsewhere = await ours.read('1,2,3?namespace=agent%20e%CC%81');
      expect(elsewhere).toMatchObject({ content: 'elsewhere', namespace: 'agent é' });
      expect(await ours.read('1,2,3')).toMatchObject({ content: 'The user likes tea.' });
    });
  });

  describe('deleting', () => {
    it('P4 deletes one by coordinate and one by id', async () => {
      const first = await ours.store({ coord: '20', content: 'first' });
      const second = await ours.store({ coord: '21', content: 'second' });
      expect((await ours.delete('/memories/20')).status).toBe(204);
      expect((await ours.delete(`/memories/${second.id}`)).status).toBe(204);
      for (const address of ['20', '21', first.id, second.id]) {
        expect(await ours.get(`/memories/${address}`)).toMatchObject(NOT_FOUND);
        expect(await ours.delete(`/memories/${address}`)).toMatchObject(NOT_FOUND);
      }
    });

    it('does not delete a memory of another tenant', async () => {
      const { id } = await ours.store({ coord: '22', content: 'ours' });
      for (const address of ['22', id]) {
        expect(await theirs.delete(`/memories/${address}`)).toMatchObject(NOT_FOUND);
        expect(await theirs.patch(`/memories/${address}`, { content: 'x' })).toMatchObject(
          NOT_FOUND,
        );
      }
      expect(await ours.read('22')).toMatchObject({ id, content: 'ours', version: 1 });
    });

    it('begins anew at a coordinate whose memory was deleted', async () => {
      const first = await ours.store({ coord: '23', content: 'first' });
      await ours.delete('/memories/23');
      const second = await ours.store({ coord: '23', content: 'second' });
      expect(second.version).toBe(1);
      expect(second.id).not.toBe(first.id);
    });
  });

  describe('expiry', () => {
    it('shows an expired memory nowhere', async () => {
      const expires_at = new Date(Date.now() + 6_000).toISOString();
      const stored = await ours.store({
        coord: '30',
        content: 'The zebra password is ephemeral.',
        expires_at,
        tags: ['short-lived'],
      });
      expect((await ours.list('tag=short-lived')).memories).toHaveLength(1);
      await new Promise((resolve) => setTimeout(resolve, Date.parse(expires_at) - Date.now() + 50));
      for (const address of ['30', stored.id]) {
        expect(await ours.get(`/memories/${address}`)).toMatchObject(NOT_FOUND);
        expect(await ours.patch(`/memories/${address}`, { pinned: true })).toMatchObject(NOT_FOUND);
        expect(await ours.delete(`/memories/${address}`)).toMatchObject(NOT_FOUND);
      }
      expect((await ours.list('tag=short-lived')).memories).toEqual([]);
      const found = await ours.search('ephemeral zebra password', { top_k: 100 });
      expect(found.memories.map(({ id }) => id)).not.toContain(stored.id);
    });
  });
});
