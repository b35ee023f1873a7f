import type { Memory, MemoryPage } from '@soma/memory';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const SORTS = ['created_at', 'updated_at', 'importance', 'coordinate'] as const;

describe('the list of memories', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await ours.storeAll(
      Array.from({ length: 120 }, (_, n) => ({
        coord: `${n % 12},${Math.floor(n / 12)}`,
        content: `entry ${n}`,
        importance: (n % 7) / 10,
        memory_type: n % 3 === 0 ? 'semantic' : 'episodic',
        tags: n % 2 === 0 ? ['even'] : ['odd'],
        metadata: { n, half: n < 60 },
      })),
    );
    await theirs.storeAll([
      { coord: '1,1', content: 'foreign', tags: ['even'], metadata: { n: 1 } },
      { coord: '2,2', content: 'foreign', memory_type: 'semantic', metadata: { n: 2 } },
    ]);
  });
  afterAll(() => service.close());

  async function pages(client: Client, query: string, between?: () => Promise<unknown>) {
    const memories: Memory[] = [];
    let cursor: string | null = '';
    do {
      const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: MemoryPage = await client.list(`${query}${next}`);
      memories.push(...page.memories);
      cursor = page.next_cursor;
      await between?.();
    } while (cursor !== null);
    return memories;
  }

  describe('by page', () => {
    it.each(SORTS.flatMap((sort) => [`${sort} asc`, `${sort} desc`]))(
      'P28 gives every memory once, in order of %s',
      async (named) => {
        const [sort, order] = named.split(' ') as [(typeof SORTS)[number], string];
        const memories = await pages(ours, `sort=${sort}&order=${order}&limit=17`);
        expect(new Set(memories.map(({ id }) => id)).size).toBe(120);
        const bytes = (memory: Memory) =>
          sort === 'coordinate' ? Buffer.from(memory.coordinate).toString('hex') : memory[sort];
        const values = memories.map((memory) => [bytes(memory), memory.id] as const);
        const sorted = [...values].sort(([a, idA], [b, idB]) => {
          const up = a < b || (a === b && idA < idB) ? -1 : 1;
          return order === 'asc' ? up : -up;
        });
        expect(values).toEqual(sorted);
      },
    );

    it('gives the newest first unless asked otherwise, fifty to a page', async () => {
      const { memories, next_cursor } = await ours.list();
      expect(memories).toHaveLength(50);
      expect(next_cursor).not.toBeNull();
      const times = memories.map(({ created_at }) => created_at);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('gives another tenant its own alone', async () => {
      const memories = await pages(theirs, 'limit=1');
      expect(memories.map(({ content }) => content)).toEqual(['foreign', 'foreign']);
    });

    it('ends with a null cursor, also where the last page is full', async () => {
      const page = await ours.list('limit=120&sort=coordinate');
      expect(page.memories).toHaveLength(120);
      expect(page.next_cursor).toBeNull();
    });

    it.each(SORTS)('misses and doubles nothing by %s while others store', async (sort) => {
      const client = await service.tenant();
      const first = await client.storeAll(
        Array.from({ length: 60 }, (_, n) => ({ content: `first ${n}`, importance: n / 60 })),
      );
      let late = 0;
      const memories = await pages(client, `sort=${sort}&order=asc&limit=7`, () => {
        late += 1;
        return client.storeAll([
          { content: `late ${late}`, importance: (late % 10) / 10 },
          { content: `later ${late}`, importance: ((late + 5) % 10) / 10 },
        ]);
      });
      const ids = memories.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(expect.arrayContaining(first.results.map(({ memory }) => memory?.id)));
    });

    it('answers from 1 to 200 memories and refuses other limits', async () => {
      expect((await ours.list('limit=1')).memories).toHaveLength(1);
      expect((await ours.list('limit=200')).memories).toHaveLength(120);
      for (const limit of ['0', '201', '-1', '1.5', 'ten', '', '1e9', 'Infinity', '1&limit=2']) {
        expect(await ours.get(`/memories?limit=${limit}`)).toMatchObject(
          problem('VALIDATION_FAILED'),
        );
      }
    });
  });

  describe('a cursor', () => {
    const INVALID = problem('CURSOR_INVALID');
    const cursorOf = async (client: Client, query: string) =>
      (await client.list(query)).next_cursor ?? 'none';

    it('is refused from another tenant', async () => {
      const theirCursor = await cursorOf(theirs, 'limit=1');
      expect(await ours.get(`/memories?limit=1&cursor=${theirCursor}`)).toMatchObject(INVALID);
      const ourCursor = await cursorOf(ours, 'limit=1');
      expect(await theirs.get(`/memories?limit=1&cursor=${ourCursor}`)).toMatchObject(INVALID);
    });

    it('is refused with other parameters, and may change the limit', async () => {
      const cursor = await cursorOf(ours, 'limit=1&sort=importance&tag=even');
      for (const query of [
        'sort=importance',
        'sort=created_at&tag=even',
        'sort=importance&tag=even&order=asc',
        'sort=importance&tag=even&memory_type=semantic',
        'sort=importance&tag=even&namespace=other',
      ]) {
        expect(await ours.get(`/memories?${query}&cursor=${cursor}`)).toMatchObject(INVALID);
      }
      const next = await ours.list(`sort=importance&tag=even&limit=3&cursor=${cursor}`);
      expect(next.memories).toHaveLength(3);
    });

    it('is refused when it was tampered with', async () => {
      for (const sort of SORTS) {
        const cursor = await cursorOf(ours, `limit=1&sort=${sort}`);
        const [print, value, id] = JSON.parse(
          Buffer.from(cursor, 'base64url').toString('utf8'),
        ) as unknown[];
        const forged = [
          [print, value, 'not an id'],
          [print, null, id],
          [print, { $gt: '' }, id],
          [print, 'a\u0000b', id],
          [print, '\ud800', id],
          ...(sort === 'coordinate' ? [[print, 1, id]] : [[print, "' OR 1=1", id]]),
          [print, value],
          [print, value, id, 1],
          ['other', value, id],
        ];
        for (const parts of forged) {
          const text = Buffer.from(JSON.stringify(parts)).toString('base64url');
          expect(await ours.get(`/memories?limit=1&sort=${sort}&cursor=${text}`)).toMatchObject(
            INVALID,
          );
        }
      }
      for (const text of ['x', '%F0%9F%98%80', 'e30', 'W10', 'bnVsbA']) {
        expect(await ours.get(`/memories?cursor=${text}`)).toMatchObject(INVALID);
      }
    });
  });

  describe('narrowed', () => {
    const contents = async (query: string) =>
      (await ours.list(`limit=200&${query}`)).memories.map(({ metadata }) => Number(metadata['n']));
    const numbers = (test: (n: number) => boolean) =>
      Array.from({ length: 120 }, (_, n) => n).filter(test);
    const same = (found: number[], expected: number[]) =>
      expect([...found].sort((a, b) => a - b)).toEqual(expected);

    it('P28 to a type', async () => {
      same(
        await contents('memory_type=semantic'),
        numbers((n) => n % 3 === 0),
      );
    });

    it('to a tag', async () => {
      same(
        await contents('tag=odd'),
        numbers((n) => n % 2 === 1),
      );
      expect(await contents('tag=neither')).toEqual([]);
    });

    it('to what passes a filter, beside a tag and a type', async () => {
      const filter = encodeURIComponent(
        JSON.stringify({ and: [{ 'metadata.n': { lt: 30 } }, { 'metadata.half': true }] }),
      );
      same(
        await contents(`filter=${filter}`),
        numbers((n) => n < 30),
      );
      same(
        await contents(`filter=${filter}&tag=even&memory_type=semantic`),
        numbers((n) => n < 30 && n % 6 === 0),
      );
    });

    it('P8 to the inside of a box of coordinates, its faces included', async () => {
      same(
        await contents('min_coord=2,3&max_coord=4.5,5'),
        numbers((n) => {
          const [x, y] = [n % 12, Math.floor(n / 12)];
          return x >= 2 && x <= 4.5 && y >= 3 && y <= 5;
        }),
      );
      expect(await contents('min_coord=4,4&max_coord=3,3')).toEqual([]);
      expect(await contents('min_coord=0,0,0&max_coord=99,99,99')).toEqual([]);
      expect(await contents('min_coord=1&max_coord=2')).toEqual([]);
    });

    it('P8 to none of another tenant inside the same box', async () => {
      const { memories } = await theirs.list('min_coord=0,0&max_coord=99,99');
      expect(memories.map(({ content }) => content)).toEqual(['foreign', 'foreign']);
    });

    it('refuses half a box and corners of different dimensions', async () => {
      for (const query of ['min_coord=1,2', 'max_coord=1,2', 'min_coord=1,2&max_coord=3']) {
        expect(await ours.get(`/memories?${query}`)).toMatchObject(problem('COORDINATE_INVALID'));
      }
    });

    it('to a namespace', async () => {
      await ours.store({ namespace: 'elsewhere', content: 'apart' });
      const { memories } = await ok(ours.get<MemoryPage>('/memories?namespace=elsewhere'));
      expect(memories.map(({ content }) => content)).toEqual(['apart']);
      expect(await pages(ours, 'limit=200')).toHaveLength(120);
      expect(await pages(theirs, 'namespace=elsewhere')).toEqual([]);
    });

    it('refuses a filter that is not JSON, or not a filter, or would be changed', async () => {
      const refusals = [
        ['{', 'FILTER_INVALID'],
        ['[]', 'FILTER_INVALID'],
        ['{"payload":1}', 'FILTER_INVALID'],
        ['{"tenant_id":"x"}', 'FILTER_INVALID'],
        ['{"metadata.n":9007199254740993}', 'NUMBER_NOT_EXACT'],
        ['{"tier":1,"tier":2}', 'JSON_KEY_FORBIDDEN'],
        [`${'{"not":'.repeat(200)}1${'}'.repeat(200)}`, 'JSON_TOO_DEEP'],
      ] as const;
      for (const [filter, code] of refusals) {
        expect(await ours.get(`/memories?filter=${encodeURIComponent(filter)}`)).toMatchObject(
          problem(code),
        );
      }
    });

    it('refuses parameters it does not know', async () => {
      for (const query of ['tenant_id=x', 'sort=content', 'order=up', 'memory_type=all', 'q=1']) {
        expect(await ours.get(`/memories?${query}`)).toMatchObject(problem('VALIDATION_FAILED'));
      }
    });
  });
});
