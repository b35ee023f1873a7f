import { MAX_LINE_BYTES } from '@soma/transfer';
import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';
import { exportLines, exportText, importLines, sendImport } from './transfer-client.js';

const DONE = { next_line: null, stopped: null };

const EVERY_FIELD = {
  coord: '-1',
  content: 'Everything  at once, in Français 語 \u2028 🦉.',
  payload: { note: 'kept as it is', deep: { list: [1, 2.5, null, true] } },
  memory_type: 'semantic',
  importance: 0.875,
  tags: ['a', 'b'],
  metadata: { project: 'apollo' },
  pinned: true,
  dedup: 'never',
  prediction: 'It will rain.',
  session_id: 's-1',
  speaker: 'Ada',
  occurred_at: '2025-01-31T12:00:00.000Z',
  expires_at: '2999-01-31T12:00:00.000Z',
  source: { kind: 'web', name: 'https://example.org' },
  trust: 0.25,
};

describe('memories as lines', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const empty = () => service.tenant();
  const put = (client: Client, values: readonly unknown[], query?: string) =>
    importLines(service.url, client, values, query);
  const taken = (client: Client, query?: string) => exportLines(service.url, client, query);

  /** Every field that a writer may set, facts that supersede each other, and links both ways. */
  async function fill(client: Client, namespace: string, count: number): Promise<void> {
    const many = Array.from({ length: count }, (_, n) => ({
      coord: `${n},0.5`,
      namespace,
      payload: { text: `Parcel ${n} left the depot.`, n },
      metadata: { n, even: n % 2 === 0 },
    }));
    const special = [
      EVERY_FIELD,
      {
        coord: '-2',
        content: 'Ada works at Babbage & Co.',
        slot: 'ada.employer',
        valid_from: '2020-01-01T00:00:00Z',
      },
      {
        coord: '-3',
        content: 'Ada works at Lovelace Ltd.',
        slot: 'ada.employer',
        valid_from: '2022-01-01T00:00:00Z',
      },
      { coord: '-4', content: 'Drawn.', metadata: { role: 'tool', session_id: 's-2' } },
    ].map((memory) => ({ ...memory, namespace }));
    await client.storeAll([...special, ...many]);
    await client.link('-1', '-2', {
      namespace,
      link_type: 'about',
      strength: 0.3,
      metadata: { why: 'x' },
    });
    await client.link('-2', '-1', { namespace });
    await client.link('-3', '-3', { namespace, link_type: 'self' });
  }

  it('P30 gives all that a writer may set, with links after both of their ends', async () => {
    const client = await empty();
    await fill(client, 'default', 120);
    const lines = await taken(client);
    expect(lines).toHaveLength(127);
    expect(lines[0]).toEqual(EVERY_FIELD);
    expect(lines[1]).toMatchObject({
      slot: 'ada.employer',
      valid_from: '2020-01-01T00:00:00.000Z',
    });
    expect(lines.slice(124)).toEqual([
      {
        link: {
          from_coord: '-1',
          to_coord: '-2',
          link_type: 'about',
          strength: 0.3,
          metadata: { why: 'x' },
        },
      },
      {
        link: { from_coord: '-2', to_coord: '-1', link_type: 'related', strength: 1, metadata: {} },
      },
      { link: { from_coord: '-3', to_coord: '-3', link_type: 'self', strength: 1, metadata: {} } },
    ]);
  });

  it('P30 imported into an empty tenant gives the same export, line by line', async () => {
    const [from, to] = [await empty(), await empty()];
    await fill(from, 'diary', 260);
    const text = await exportText(service.url, from, 'namespace=diary');
    const answer = await sendImport(service.url, to, text, 'namespace=copy');
    expect(answer).toMatchObject({ status: 200, body: { read: 267, stored: 267, ...DONE } });
    expect(await exportText(service.url, to, 'namespace=copy')).toBe(text);
    const found = await to.list('namespace=copy&slot=ada.employer');
    expect(found.memories.map(({ coordinate }) => coordinate)).toEqual(['-3']);
    expect((await to.search('parcel 77', { namespace: 'copy' })).memories[0]?.coordinate).toBe(
      '77,0.5',
    );
  });

  it('P30 imported again with skip changes nothing', async () => {
    const client = await empty();
    await fill(client, 'default', 120);
    const text = await exportText(service.url, client);
    const before = await client.settledStats();
    const answer = await sendImport(service.url, client, text);
    expect(answer.body).toMatchObject({ read: 127, stored: 0, skipped: 127, failed: 0, ...DONE });
    expect(await client.settledStats()).toEqual(before);
    expect(await exportText(service.url, client)).toBe(text);
  });

  it('P30 replaces with the next version, or fails, where asked to', async () => {
    const client = await empty();
    await put(client, [{ coord: '1', content: 'one' }]);
    const lines = [
      { coord: '1', content: 'one again' },
      { coord: '2', content: 'two' },
      { link: { from_coord: '1', to_coord: '2' } },
    ];
    expect(await put(client, lines, 'on_conflict=replace')).toMatchObject({
      stored: 2,
      replaced: 1,
      ...DONE,
    });
    expect(await client.read('1')).toMatchObject({ content: 'one again', version: 2 });
    const failing = await put(client, lines, 'on_conflict=fail');
    expect(failing).toMatchObject({ stored: 0, failed: 3, ...DONE });
    expect(failing.errors.map(({ line, code }) => [line, code])).toEqual([
      [1, 'COORDINATE_TAKEN'],
      [2, 'COORDINATE_TAKEN'],
      [3, 'LINK_EXISTS'],
    ]);
    expect(await client.read('1')).toMatchObject({ version: 2 });
  });

  it('P30 of lines of one coordinate the first one stays, or each is a version', async () => {
    const client = await empty();
    const twice = [
      { coord: '1', content: 'first' },
      { coord: '1.0', content: 'second' },
    ];
    expect(await put(client, twice)).toMatchObject({ stored: 1, skipped: 1 });
    expect(await client.read('1')).toMatchObject({ content: 'first', version: 1 });
    expect(await put(client, twice, 'on_conflict=replace')).toMatchObject({ replaced: 2 });
    expect(await client.read('1')).toMatchObject({ content: 'second', version: 3 });
  });

  it('P30 tells each line that fails by its number, and stores the others', async () => {
    const client = await empty();
    const result = await put(client, [
      { coord: '1', content: 'fine' },
      '{"content":',
      '',
      { content: 'x', importance: 2 },
      { content: 'in another', namespace: 'elsewhere' },
      '{"content":"x","__proto__":{"a":1}}',
      '[1]',
      'null',
      `{"content":"${'x'.repeat(MAX_LINE_BYTES)}"}`,
      { link: { from_coord: '1', to_coord: '404' } },
      { link: { from_coord: '1', to_coord: 'x,y' } },
      { link: {}, content: 'both' },
      { coord: '2', content: 'fine too', namespace: 'default' },
      '\ufeff',
    ]);
    expect(result).toMatchObject({ read: 13, stored: 2, failed: 11, ...DONE });
    expect(result.errors.map(({ line, status, code }) => [line, status, code])).toEqual([
      [2, 400, 'JSON_INVALID'],
      [4, 400, 'VALIDATION_FAILED'],
      [5, 400, 'VALIDATION_FAILED'],
      [6, 400, 'JSON_KEY_FORBIDDEN'],
      [7, 400, 'VALIDATION_FAILED'],
      [8, 400, 'VALIDATION_FAILED'],
      [9, 413, 'BODY_TOO_LARGE'],
      [10, 404, 'MEMORY_NOT_FOUND'],
      [11, 400, 'COORDINATE_INVALID'],
      [12, 400, 'VALIDATION_FAILED'],
      [14, 400, 'JSON_INVALID'],
    ]);
    expect((await client.stats()).memories.total).toBe(2);
  });

  it('P30 shows nothing of another tenant, and stores nothing for it', async () => {
    await ours.store({ coord: '1', content: 'mine' });
    await put(theirs, [
      { coord: '1', content: 'theirs' },
      { link: { from_coord: '1', to_coord: '1' } },
    ]);
    expect(await taken(ours)).toMatchObject([{ coord: '1', content: 'mine' }]);
    expect(await taken(theirs)).toMatchObject([{ content: 'theirs' }, { link: {} }]);
    expect((await ours.read('1')).version).toBe(1);
    await ours.store({ coord: '2', content: 'only mine' });
    expect(await theirs.get('/memories/export?after=2')).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });
});
