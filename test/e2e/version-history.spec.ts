import type { Memory, MemoryPage, VersionPage } from '@soma/memory';
import fc from 'fast-check';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const VERSIONS = 5;
const SEED = 20_261_122;

describe('the history of a memory', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let written: Memory[];

  const versionsOf = (client: Client, address: string, query = '') =>
    client.get<VersionPage>(`/memories/${address}/versions?${query}`);
  const knownAt = (client: Client, address: string, at: string) =>
    client.get<Memory>(`/memories/${address}?known_at=${at}`);
  const restore = (client: Client, address: string, version: number, headers = {}) =>
    client.post<Memory>(`/memories/${address}/versions/${version}/restore`, undefined, headers);
  const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    written = [];
    for (let number = 1; number <= VERSIONS; number++) {
      written.push(
        await ours.store({
          coord: '1',
          content: `The budget is ${number} thousand.`,
          payload: { number },
          tags: [`v${number}`],
          importance: number / 10,
          session_id: number % 2 === 0 ? 'even' : undefined,
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await theirs.store({ coord: '1', content: 'The budget is a secret.' });
  });
  afterAll(() => service.close());

  it('P29 lists the versions as they were written, newest first', async () => {
    const { versions, next_cursor: end } = await ok(versionsOf(ours, '1'));
    expect(versions).toEqual(written.toReversed());
    expect(end).toBeNull();
  });

  it('P29 lists them page by page, each once', async () => {
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? 'limit=2' : `limit=2&cursor=${cursor}`;
      const page: VersionPage = await ok(versionsOf(ours, '1', query));
      expect(page.versions.length).toBeLessThanOrEqual(2);
      seen.push(...page.versions.map(({ version }) => version));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it('P29 reads a version, and counts no access', async () => {
    const { access_count: before } = await ours.read('1');
    const read = await ours.get<Memory>('/memories/1/versions/2');
    expect(read.body).toEqual({
      ...written[1],
      access_count: before,
      last_accessed_at: read.body.last_accessed_at,
    });
    expect(read.headers.get('etag')).toBe('"2"');
    expect((await ours.read('1')).access_count).toBe(before + 1);
  });

  it('says which versions there are not', async () => {
    expect(await ours.get('/memories/1/versions/99')).toMatchObject(problem('VERSION_NOT_FOUND'));
    expect(await restore(ours, '1', 99)).toMatchObject(problem('VERSION_NOT_FOUND'));
    for (const version of ['0', '-1', '1.5', 'one', '1e99']) {
      expect(await ours.get(`/memories/1/versions/${version}`)).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    }
    expect(await versionsOf(ours, '404')).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  it("shows nothing of another tenant's versions", async () => {
    const [id] = written.map((memory) => memory.id);
    expect((await ok(versionsOf(theirs, '1'))).versions).toHaveLength(1);
    for (const answer of [
      await versionsOf(theirs, `${id}`),
      await theirs.get(`/memories/${id}/versions/1`),
      await restore(theirs, `${id}`, 1),
      await knownAt(theirs, `${id}`, later(new Date().toISOString(), 60_000)),
    ]) {
      expect(answer).toMatchObject(problem('MEMORY_NOT_FOUND'));
    }
  });

  describe('as it was known', () => {
    it('is at each moment what was written last before', async () => {
      for (const memory of written) {
        const { body } = await knownAt(ours, '1', memory.updated_at);
        expect(body).toMatchObject({
          version: memory.version,
          content: memory.content,
          tags: memory.tags,
          session_id: memory.session_id,
        });
      }
    });

    it('is not there before it was stored', async () => {
      const before = later(written[0]?.created_at ?? '', -1);
      expect(await knownAt(ours, '1', before)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    });

    it('lists, filters and sorts by what was known', async () => {
      const client = await service.tenant();
      const list = (at: string, more = ''): Promise<MemoryPage> =>
        client.list(`sort=importance&known_at=${at}${more}`);
      const first = await client.store({
        coord: '1',
        content: 'one',
        tags: ['x'],
        importance: 0.1,
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
      const second = await client.store({ coord: '2', content: 'two', importance: 0.5 });
      await new Promise((resolve) => setTimeout(resolve, 5));
      const changed = await client.store({ coord: '1', content: 'uno', importance: 0.9 });

      const contents = ({ memories }: MemoryPage) => memories.map(({ content }) => content);
      expect(contents(await list(first.updated_at))).toEqual(['one']);
      expect(contents(await list(second.updated_at))).toEqual(['two', 'one']);
      expect(contents(await list(changed.updated_at))).toEqual(['uno', 'two']);
      expect(contents(await list(second.updated_at, '&tag=x'))).toEqual(['one']);
      expect(contents(await list(changed.updated_at, '&tag=x'))).toEqual([]);
      expect(contents(await theirs.list(`known_at=${changed.updated_at}&tag=x`))).toEqual([]);
    });

    it('keeps away what was deleted or has expired since', async () => {
      const client = await service.tenant();
      const gone = await client.store({ coord: '1', content: 'gone' });
      await client.store({ coord: '2', content: 'brief' });
      await client.patch('/memories/2', { expires_at: later(new Date().toISOString(), 300) });
      await client.delete('/memories/1');
      const at = later(gone.created_at, 100);
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect((await client.list(`known_at=${at}`)).memories).toEqual([]);
      for (const coord of ['1', '2']) {
        expect(await knownAt(client, coord, at)).toMatchObject(problem('MEMORY_NOT_FOUND'));
      }
    });
  });

  describe('restoring', () => {
    it('P29 writes an earlier version as the next, and finds it at once', async () => {
      const client = await service.tenant();
      const first = await client.store({
        coord: '1',
        content: 'Ada drinks oolong.',
        tags: ['tea'],
      });
      await client.store({ coord: '1', content: 'Ada drinks espresso.', importance: 0.9 });
      const restored = await restore(client, '1', 1);
      expect(restored.headers.get('etag')).toBe('"3"');
      expect(restored.body).toMatchObject({
        id: first.id,
        version: 3,
        content: first.content,
        tags: first.tags,
        importance: first.importance,
      });
      expect((await client.search('oolong')).memories[0]).toMatchObject({ version: 3 });
      expect((await ok(versionsOf(client, '1'))).versions).toHaveLength(3);
    });

    it('restores only over the version it names, and once under a key', async () => {
      const client = await service.tenant();
      await client.store({ coord: '1', content: 'a' });
      await client.store({ coord: '1', content: 'b' });
      expect(await restore(client, '1', 1, { 'if-match': '"1"' })).toMatchObject(
        problem('VERSION_MISMATCH'),
      );
      const headers = { 'if-match': '"2"', 'idempotency-key': 'again' };
      const first = await ok(restore(client, '1', 1, headers));
      expect(await ok(restore(client, '1', 1, headers))).toEqual(first);
      expect((await client.read('1')).version).toBe(3);
    });

    it('does not restore a version that has expired', async () => {
      const client = await service.tenant();
      const soon = later(new Date().toISOString(), 6_000);
      await client.store({ coord: '1', content: 'brief', expires_at: soon });
      await ok(client.patch<Memory>('/memories/1', { expires_at: null }));
      await new Promise((resolve) => setTimeout(resolve, Date.parse(soon) - Date.now() + 50));
      expect(await restore(client, '1', 1)).toMatchObject(problem('VERSION_EXPIRED'));
      expect(await client.read('1')).toMatchObject({ version: 2, content: 'brief' });
    });
  });

  it('known_at replays any history exactly', async () => {
    const step = fc.record({ coord: fc.integer({ min: 1, max: 3 }), word: fc.integer() });
    const histories = fc.array(step, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const client = await service.tenant();
        const known: { at: string; memories: Record<string, string> }[] = [];
        const now: Record<string, string> = {};
        for (const { coord, word } of history) {
          const content = `word ${word}`;
          const stored = await client.store({ coord: String(coord), content });
          now[stored.coordinate] = content;
          known.push({ at: stored.updated_at, memories: { ...now } });
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        for (const { at, memories } of known) {
          const page = await client.list(`known_at=${at}`);
          const listed = page.memories.map(({ coordinate, content }) => [coordinate, content]);
          expect(Object.fromEntries(listed)).toEqual(memories);
        }
      }),
      { numRuns: 8, seed: SEED },
    );
  });
});
