import type { BulkResult } from '@soma/memory';
import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

/** The corpus: `n` is 0 to 23; every third has no `word`, every fourth a number where others have text. */
const corpus = Array.from({ length: 24 }, (_, n) => ({
  coord: `${n}`,
  content: `common entry ${n}`,
  importance: n / 24,
  memory_type: ['episodic', 'semantic', 'summary', 'procedural'][n % 4] ?? 'episodic',
  tags: n % 2 === 0 ? ['even', `n${n}`] : ['odd'],
  metadata: {
    n,
    ...(n % 3 !== 0 && {
      word: n % 4 === 0 ? n : ['ähre', 'Zebra', 'apple', '😀', '\uffee'][n % 5],
    }),
    flag: n % 2 === 0,
    nothing: null,
    nested: { 'deep key': { level: n % 6 } },
    list: [n, n + 1, n % 2 === 0 ? 'two' : 'one'],
  },
  ...(n % 3 === 0 && {
    session_id: `s-${n % 2}`,
    speaker: n % 2 === 0 ? 'Ada' : 'Grace 50%',
    occurred_at: `2026-03-${String(n + 1).padStart(2, '0')}T00:00:00Z`,
  }),
}));

type Entry = (typeof corpus)[number];

const isThird = ({ metadata: { n } }: Entry): boolean => n % 3 === 0;
const wordOf = ({ metadata }: Entry): unknown => ('word' in metadata ? metadata.word : undefined);
/** Order of code points, which is that of UTF-8. */
const isBefore = (left: unknown, right: string): boolean =>
  typeof left === 'string' && Buffer.compare(Buffer.from(left), Buffer.from(right)) < 0;

const CASES: readonly [string, object, (entry: Entry) => boolean][] = [
  ['eq a number', { 'metadata.n': 7 }, ({ metadata }) => metadata.n === 7],
  ['eq as an operator', { 'metadata.n': { eq: 7 } }, ({ metadata }) => metadata.n === 7],
  ['eq a string', { 'metadata.word': 'apple' }, (entry) => wordOf(entry) === 'apple'],
  ['eq a boolean', { 'metadata.flag': true }, ({ metadata }) => metadata.flag],
  ['eq null', { 'metadata.nothing': null }, () => true],
  ['eq of a missing field', { 'metadata.absent': null }, () => false],
  ['eq of another type', { 'metadata.n': '7' }, () => false],
  ['ne', { 'metadata.n': { ne: 7 } }, ({ metadata }) => metadata.n !== 7],
  ['ne of a missing field', { 'metadata.word': { ne: 'apple' } }, (e) => wordOf(e) !== 'apple'],
  ['gt', { 'metadata.n': { gt: 20 } }, ({ metadata }) => metadata.n > 20],
  ['gte', { 'metadata.n': { gte: 20 } }, ({ metadata }) => metadata.n >= 20],
  ['lt', { 'metadata.n': { lt: 3.5 } }, ({ metadata }) => metadata.n < 3.5],
  ['lte', { 'metadata.n': { lte: 3 } }, ({ metadata }) => metadata.n <= 3],
  ['lt of strings', { 'metadata.word': { lt: 'b' } }, (entry) => isBefore(wordOf(entry), 'b')],
  [
    'gt of strings by code point',
    { 'metadata.word': { gt: '\uffee' } },
    (entry) => wordOf(entry) === '😀',
  ],
  ['in', { 'metadata.n': { in: [1, 5, 99, '7'] } }, ({ metadata }) => [1, 5].includes(metadata.n)],
  ['two operators', { 'metadata.n': { gt: 3, lte: 6 } }, ({ metadata: { n } }) => n > 3 && n <= 6],
  [
    'a nested path',
    { 'metadata.nested.deep key.level': 2 },
    ({ metadata }) => metadata.nested['deep key'].level === 2,
  ],
  ['a path into a list', { 'metadata.list.0': 3 }, () => false],
  ['a tag', { tags: 'n4' }, ({ tags }) => tags.includes('n4')],
  ['no tag', { tags: { ne: 'odd' } }, ({ tags }) => !tags.includes('odd')],
  ['any of tags', { tags: { in: ['n2', 'odd'] } }, ({ tags }) => /n2,|odd/.test(`${tags.join()},`)],
  ['a type', { memory_type: 'summary' }, ({ memory_type }) => memory_type === 'summary'],
  ['a tier', { tier: { gte: 1 } }, ({ memory_type }) => /semantic|summary/.test(memory_type)],
  ['importance', { importance: { lt: 0.25 } }, ({ importance }) => importance < 0.25],
  ['a coordinate', { coordinate: '5.0' }, ({ coord }) => coord === '5'],
  ['created after', { created_at: { gt: '2026-01-01T00:00:00Z' } }, () => true],
  ['updated before', { updated_at: { lt: '2026-01-01' } }, () => false],
  ['between', { 'metadata.n': { between: [3, 5] } }, ({ metadata: { n } }) => n >= 3 && n <= 5],
  ['between the wrong way round', { 'metadata.n': { between: [5, 3] } }, () => false],
  [
    'between strings',
    { 'metadata.word': { between: ['a', 'b'] } },
    (entry) => wordOf(entry) === 'apple',
  ],
  ['importance between', { importance: { between: [0, 0.25] } }, (e) => e.importance <= 0.25],
  ['nin', { 'metadata.n': { nin: [1, 5, '7'] } }, ({ metadata: { n } }) => n !== 1 && n !== 5],
  ['nin of a missing field', { 'metadata.absent': { nin: [1] } }, () => true],
  ['nin of a type', { memory_type: { nin: ['summary'] } }, (e) => e.memory_type !== 'summary'],
  ['contains a tag', { tags: { contains: 'n4' } }, ({ tags }) => tags.includes('n4')],
  ['contains no part of a tag', { tags: { contains: 'dd' } }, () => false],
  [
    'contains a number',
    { 'metadata.list': { contains: 4 } },
    ({ metadata: { n } }) => n === 4 || n === 3,
  ],
  ['contains a string', { 'metadata.list': { contains: 'two' } }, ({ metadata: { flag } }) => flag],
  [
    'contains a part of a text',
    { 'metadata.word': { contains: 'pp' } },
    (entry) => wordOf(entry) === 'apple',
  ],
  ['contains a part in another case', { 'metadata.word': { contains: 'PP' } }, () => false],
  [
    'contains a part of a speaker',
    { speaker: { contains: ' 50%' } },
    (entry) => isThird(entry) && !entry.metadata.flag,
  ],
  [
    'contains no other than that',
    { not: { 'metadata.word': { contains: 'a' } } },
    (entry) => !/a/.test(typeof wordOf(entry) === 'string' ? String(wordOf(entry)) : ''),
  ],
  ['startswith', { 'metadata.word': { startswith: 'Z' } }, (entry) => wordOf(entry) === 'Zebra'],
  ['startswith a surrogate', { 'metadata.word': { startswith: '😀' } }, (e) => wordOf(e) === '😀'],
  [
    'startswith of a type',
    { memory_type: { startswith: 's' } },
    (e) => e.memory_type.startsWith('s'),
  ],
  ['a speaker', { speaker: 'Ada' }, (entry) => isThird(entry) && entry.metadata.flag],
  ['not a speaker', { speaker: { ne: 'Ada' } }, (e) => !isThird(e) || !e.metadata.flag],
  ['a session', { session_id: 's-1' }, (entry) => isThird(entry) && !entry.metadata.flag],
  ['sessions in order', { session_id: { lt: 's-1' } }, (e) => isThird(e) && e.metadata.flag],
  ['exists of a column', { session_id: { exists: true } }, isThird],
  ['exists not, of a column', { occurred_at: { exists: false } }, (entry) => !isThird(entry)],
  ['exists of a field', { 'metadata.word': { exists: true } }, (e) => wordOf(e) !== undefined],
  ['exists of a null', { 'metadata.nothing': { exists: true } }, () => true],
  ['exists not', { 'metadata.word': { exists: false } }, (e) => wordOf(e) === undefined],
  ['exists of tags', { tags: { exists: true } }, () => true],
  [
    'happened before',
    { occurred_at: { lt: '2026-03-08T00:00:00Z' } },
    (entry) => isThird(entry) && entry.metadata.n < 7,
  ],
  [
    'happened between',
    { occurred_at: { between: ['2026-03-04', '2026-03-10'] } },
    (entry) => isThird(entry) && entry.metadata.n >= 3 && entry.metadata.n <= 9,
  ],
  ['any of tags by name', { tags: { any: ['n2', 'none'] } }, ({ tags }) => tags.includes('n2')],
  ['all of tags', { tags: { all: ['even', 'n2'] } }, ({ tags }) => tags.includes('n2')],
  ['all of tags that none has', { tags: { all: ['even', 'odd'] } }, () => false],
  [
    'any of a list',
    { 'metadata.list': { any: [0, 23, 'x'] } },
    ({ metadata: { n } }) => n === 0 || n >= 22,
  ],
  ['all of a list', { 'metadata.list': { all: ['two', 5] } }, ({ metadata: { n } }) => n === 4],
  ['any of what is no list', { 'metadata.n': { any: [1] } }, () => false],
  [
    'not any of a list',
    { not: { 'metadata.list': { any: ['one', 1] } } },
    ({ metadata: { n } }) => n % 2 === 0 && n !== 0,
  ],
  [
    'keys beside each other',
    { tags: 'even', memory_type: 'episodic' },
    ({ tags, memory_type }) => tags.includes('even') && memory_type === 'episodic',
  ],
  [
    'and',
    { and: [{ 'metadata.n': { gt: 2 } }, { 'metadata.n': { lt: 5 } }] },
    ({ metadata: { n } }) => n > 2 && n < 5,
  ],
  [
    'or',
    { or: [{ 'metadata.n': 2 }, { tags: 'n4' }] },
    ({ metadata: { n } }) => n === 2 || n === 4,
  ],
  ['not', { not: { 'metadata.n': { gt: 2 } } }, ({ metadata }) => metadata.n <= 2],
  [
    'not of a missing field',
    { not: { 'metadata.word': { gt: '' } } },
    (entry) => typeof wordOf(entry) !== 'string',
  ],
  [
    'all of it together',
    {
      or: [{ not: { or: [{ tags: 'odd' }, { importance: { gte: 0.3 } }] } }, { coordinate: '23' }],
    },
    ({ tags, importance, coord }) => (!tags.includes('odd') && importance < 0.3) || coord === '23',
  ],
];

describe('filters', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    const results: BulkResult[] = [await ours.storeAll(corpus), await theirs.storeAll(corpus)];
    expect(results.map(({ stored }) => stored)).toEqual([24, 24]);
  });
  afterAll(() => service.close());

  const sorted = (coordinates: string[]) => [...coordinates].sort((a, b) => Number(a) - Number(b));

  it.each(CASES)('P5 narrow a search, a list and a deletion alike: %s', async (_, filter, test) => {
    const expected = corpus.filter(test).map(({ coord }) => coord);
    const { memories } = await ours.search('common entry', { filter, top_k: 1_000 });
    expect(sorted(memories.map(({ coordinate }) => coordinate))).toEqual(expected);

    const listed = await ours.list(
      `limit=200&filter=${encodeURIComponent(JSON.stringify(filter))}`,
    );
    expect(sorted(listed.memories.map(({ coordinate }) => coordinate))).toEqual(expected);

    const deletion = await ours.deleteBy({ filter, dry_run: true });
    expect([deletion.matched, deletion.deleted]).toEqual([expected.length, 0]);
    const ids = new Set(listed.memories.map(({ id }) => id));
    expect(new Set(deletion.ids)).toEqual(ids);
  });

  it('P5 let no memory of another tenant pass, whatever they say', async () => {
    const own = new Set((await ours.list('limit=200')).memories.map(({ id }) => id));
    const everything = { or: [{ 'metadata.n': { gte: 0 } }, { not: { tags: 'none' } }] };
    const { memories } = await ours.search('common entry', { filter: everything, top_k: 1_000 });
    expect(memories).toHaveLength(24);
    expect(memories.every(({ id }) => own.has(id))).toBe(true);
    const { matched } = await theirs.deleteBy({ filter: everything, dry_run: true });
    expect(matched).toBe(24);
  });

  it('are refused with the place at fault and what is allowed there', async () => {
    const refused: [object, string, RegExp][] = [
      [{}, '/filter', /at least one field/],
      [{ payload: 1 }, '/filter/payload', /memory_type, tier/],
      [{ tenant_id: ours.tenantId }, '/filter/tenant_id', /Allowed are/],
      [{ namespace: 'x' }, '/filter/namespace', /Allowed are/],
      [{ 'metadata.n': { regex: 'x' } }, '/filter/metadata.n/regex', /eq, ne, gt/],
      [{ tags: { gt: 'x' } }, '/filter/tags/gt', /eq, ne, in/],
      [{ tags: { startswith: 'x' } }, '/filter/tags/startswith', /contains, exists, any, all/],
      [{ content: 'x' }, '/filter/content', /session_id, speaker, occurred_at, metadata\.<key>/],
      [{ 'metadata.n': { in: [] } }, '/filter/metadata.n/in', /1 to 100/],
      [{ 'metadata.n': { nin: 1 } }, '/filter/metadata.n/nin', /list of values/],
      [{ 'metadata.n': { any: [] } }, '/filter/metadata.n/any', /1 to 100/],
      [{ tags: { all: [1] } }, '/filter/tags/all/0', /a string/],
      [{ tier: { between: [1] } }, '/filter/tier/between', /lowest and the highest/],
      [{ 'metadata.n': { between: [1, 'b'] } }, '/filter/metadata.n/between', /not one of each/],
      [{ session_id: { exists: 'yes' } }, '/filter/session_id/exists', /true or false/],
      [{ speaker: { any: ['x'] } }, '/filter/speaker/any', /contains, startswith, exists/],
      [{ 'metadata.n': { startswith: 1 } }, '/filter/metadata.n/startswith', /a string/],
      [{ tier: { contains: 1 } }, '/filter/tier/contains', /between, in, nin, exists/],
      [{ occurred_at: null }, '/filter/occurred_at', /ISO 8601/],
      [{ importance: 'high' }, '/filter/importance', /number/],
      [{ tier: 1.5 }, '/filter/tier', /whole number/],
      [{ created_at: 'yesterday' }, '/filter/created_at', /ISO 8601/],
      [{ coordinate: 'x' }, '/filter/coordinate', /numbers with commas/],
      [{ 'metadata.': 1 }, '/filter/metadata.', /1 to 64 characters/],
      [{ 'metadata.n': { gt: null } }, '/filter/metadata.n/gt', /number or a string/],
      [{ 'metadata.n': { eq: { a: 1 } } }, '/filter/metadata.n/eq', /an object/],
      [{ and: [] }, '/filter/and', /at least one/],
      [{ not: [] }, '/filter/not', /an object/],
    ];
    for (const [filter, path, message] of refused) {
      const answer = await ours.post('/memories/search', { query: 'x', filter });
      expect(answer).toMatchObject(problem('FILTER_INVALID'));
      expect(answer).toMatchObject({
        body: { errors: [{ path, message: expect.stringMatching(message) }] },
      });
      expect(await ours.post('/memories/delete', { filter })).toMatchObject(
        problem('FILTER_INVALID'),
      );
    }
  });

  it('are refused when they are larger than the limits', async () => {
    const nested = (depth: number): object =>
      depth === 0 ? { tier: 1 } : { not: nested(depth - 1) };
    const many = (count: number) => ({
      or: Array.from({ length: count }, (_, n) => ({ tier: n })),
    });
    const wide = (count: number) => ({
      'metadata.n': { in: Array.from({ length: count }, (_, n) => n) },
    });
    const lists = (count: number) => ({
      or: Array.from({ length: count }, () => wide(100)),
    });
    for (const filter of [nested(8), many(64), wide(100), lists(5)]) {
      expect((await ours.post('/memories/search', { query: 'x', filter })).status).toBe(200);
    }
    const oneMore = { or: [lists(5), { tier: 1 }] };
    for (const filter of [
      nested(9),
      many(65),
      wide(101),
      oneMore,
      { [`metadata.${'a.'.repeat(8)}a`]: 1 },
    ]) {
      expect(await ours.post('/memories/search', { query: 'x', filter })).toMatchObject(
        problem('FILTER_INVALID'),
      );
    }
  });

  it('are asked once of each memory: the largest of hundreds is no load', async () => {
    const tenant = await service.tenant();
    const text = 'a'.repeat(2_000);
    const entry = (n: number) => ({
      coord: `${n}`,
      content: `common entry ${n}`,
      metadata: { text },
    });
    for (let from = 0; from < 400; from += 100) {
      await tenant.storeAll(Array.from({ length: 100 }, (_, n) => entry(from + n)));
    }
    const parts = Array.from({ length: 63 }, (_, n) => `${'a'.repeat(200 + n)}b`);
    const largest = (last: string) => ({
      or: [...parts, last].map((part) => ({ 'metadata.text': { contains: part } })),
    });
    expect((await tenant.search('common entry', { filter: largest('b') })).memories).toEqual([]);
    expect((await tenant.search('common entry', { filter: largest('a') })).memories).toHaveLength(
      10,
    );
  });

  it('take hostile text as the text it is', async () => {
    const hostile = [
      "' OR '1'='1",
      '") or tenant_id != "',
      '%',
      '_',
      '\\',
      'a\\',
      '${1}',
      '$1',
      '\u2028',
      '{"$ne": null}',
      '"; DROP TABLE memories; --',
    ];
    for (const [n, text] of hostile.entries()) {
      const key = text.replaceAll('.', '');
      await ours.store({
        coord: `${100 + n}`,
        content: 'hostile entry',
        tags: [text],
        metadata: { text, [key]: text },
      });
      for (const filter of [
        { tags: text },
        { 'metadata.text': text },
        { [`metadata.${key}`]: text },
        { tags: { all: [text] }, 'metadata.text': { contains: text } },
        { 'metadata.text': { startswith: text, exists: true }, tags: { any: [text, 'none'] } },
      ]) {
        const { memories } = await ours.search('hostile entry', { filter, top_k: 1_000 });
        expect(memories.map(({ coordinate }) => coordinate)).toEqual([`${100 + n}`]);
      }
    }
    expect((await theirs.stats()).memories.total).toBe(24);
  });
});
