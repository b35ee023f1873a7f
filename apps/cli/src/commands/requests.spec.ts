import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN_REQUESTS, type RequestCase } from '../../testing/admin-requests.fixture.js';
import { ContractServer } from '../../testing/contract-server.fixture.js';
import { FORGETTING_REQUESTS } from '../../testing/forgetting-requests.fixture.js';
import { MEMORY_ID, OTHER_ID } from '../../testing/resources.fixture.js';
import { emptyFolder, runSoma, words } from '../../testing/run-soma.fixture.js';

const CASES: RequestCase[] = [
  [
    'store takes --coord --payload --type --namespace',
    [
      'store',
      '--coord',
      '1.0,2.0,3.0',
      '--payload',
      '{"a":1}',
      '--type',
      'semantic',
      '--namespace',
      'n',
    ],
    {
      method: 'POST',
      path: '/memories',
      body: { coord: '1.0,2.0,3.0', namespace: 'n', payload: { a: 1 }, memory_type: 'semantic' },
    },
  ],
  [
    'store takes every other field of a memory',
    words(`
      store --content tea --tags a,b --tags c --metadata {"seq":1} --importance 0.8
      --pinned --dedup never --prediction hot --expires-at 2027-01-01T00:00:00Z --session s1 --speaker Ada
      --occurred-at 2026-01-01T00:00:00Z --links
      [{"to_coord":"1,2","link_type":"causes"}] --idempotency-key k1`),
    {
      method: 'POST',
      path: '/memories',
      body: {
        content: 'tea',
        tags: ['a', 'b', 'c'],
        metadata: { seq: 1 },
        importance: 0.8,
        pinned: true,
        dedup: 'never',
        prediction: 'hot',
        expires_at: '2027-01-01T00:00:00Z',
        session_id: 's1',
        speaker: 'Ada',
        occurred_at: '2026-01-01T00:00:00Z',
        links: [{ to_coord: '1,2', link_type: 'causes' }],
      },
      headers: { 'idempotency-key': 'k1', 'content-type': 'application/json' },
    },
  ],
  ...FORGETTING_REQUESTS,
  [
    'store takes a coordinate that begins with a minus',
    ['store', '--content', 'x', '--coord', '-1.0,2'],
    { method: 'POST', path: '/memories', body: { content: 'x', coord: '-1.0,2' } },
  ],
  [
    'versions lists, with --namespace --limit',
    words('versions 1,2 --namespace n --limit 3'),
    { method: 'GET', path: '/memories/1,2/versions', query: { namespace: 'n', limit: '3' } },
  ],
  [
    'versions --show reads one',
    words('versions 1,2 --show 4'),
    { method: 'GET', path: '/memories/1,2/versions/4' },
  ],
  [
    'versions --restore writes it again',
    words('versions 1,2 --restore 4 --if-match 7 --idempotency-key k'),
    {
      method: 'POST',
      path: '/memories/1,2/versions/4/restore',
      headers: { 'if-match': '"7"', 'idempotency-key': 'k' },
    },
  ],
  [
    'store takes --slot and --valid-from',
    words('store --content x --slot ada.home --valid-from 2026-01-31T12:00:00Z'),
    {
      method: 'POST',
      path: '/memories',
      body: { content: 'x', slot: 'ada.home', valid_from: '2026-01-31T12:00:00Z' },
    },
  ],
  [
    'update takes --no-slot',
    words('update 1,2 --no-slot'),
    { method: 'PATCH', path: '/memories/1,2', body: { slot: null } },
  ],
  [
    'list takes --slot, --known-at and --valid-at',
    words('list --slot s --known-at 2026-01-31T12:00:00Z --valid-at 2026-01-30T12:00:00Z'),
    {
      method: 'GET',
      path: '/memories',
      query: { slot: 's', known_at: '2026-01-31T12:00:00Z', valid_at: '2026-01-30T12:00:00Z' },
    },
  ],
  [
    'recall takes --known-at and --valid-at',
    words('recall tea --known-at 2026-01-31T12:00:00Z --valid-at 2026-01-30T12:00:00Z'),
    {
      method: 'POST',
      path: '/memories/search',
      body: {
        query: 'tea',
        known_at: '2026-01-31T12:00:00Z',
        valid_at: '2026-01-30T12:00:00Z',
      },
    },
  ],
  [
    'get takes --known-at',
    words('get 1,2 --known-at 2026-01-31T12:00:00Z'),
    { method: 'GET', path: '/memories/1,2', query: { known_at: '2026-01-31T12:00:00Z' } },
  ],
  [
    'recall takes --query --top-k --type --namespace --filter',
    words(`
      recall --query tea? --top-k 5 --type episodic --namespace n --filter
      {"metadata.seq":{"lt":5}}`),
    {
      method: 'POST',
      path: '/memories/search',
      body: {
        query: 'tea?',
        top_k: 5,
        memory_type: 'episodic',
        namespace: 'n',
        filter: { 'metadata.seq': { lt: 5 } },
      },
    },
  ],
  [
    'recall takes the question as words',
    ['recall', 'what', 'does', 'Ada drink?'],
    { method: 'POST', path: '/memories/search', body: { query: 'what does Ada drink?' } },
  ],
  [
    'recall takes --context --at --recipe --explain --min-score --diversity --max-tokens',
    words(`
      recall tea --context milk --at 2026-07-01T09:00:00Z --recipe dense --explain --min-score 0.2
      --min-dense -0.1 --min-lexical 2.5 --diversity 0.3 --max-tokens 500`),
    {
      method: 'POST',
      path: '/memories/search',
      body: {
        query: 'tea',
        context: 'milk',
        at: '2026-07-01T09:00:00Z',
        recipe: 'dense',
        explain: true,
        min_score: { final: 0.2, dense: -0.1, lexical: 2.5 },
        diversity: 0.3,
        max_tokens: 500,
      },
    },
  ],
  [
    'recall sends the thresholds that are given only',
    ['recall', 'tea', '--min-lexical', '1'],
    {
      method: 'POST',
      path: '/memories/search',
      body: { query: 'tea', min_score: { lexical: 1 } },
    },
  ],
  [
    'get takes a coordinate and --namespace',
    ['get', '1.0,2.0', '--namespace', 'n'],
    { method: 'GET', path: '/memories/1.0,2.0', query: { namespace: 'n' } },
  ],
  ['get takes --coord', ['get', '--coord', '-1,2'], { method: 'GET', path: '/memories/-1,2' }],
  ['get takes --id', ['get', '--id', MEMORY_ID], { method: 'GET', path: `/memories/${MEMORY_ID}` }],
  [
    'update takes fields and --if-match as a version',
    [
      'update',
      '1,2',
      '--importance',
      '1',
      '--no-pinned',
      '--no-expires-at',
      '--no-prediction',
      '--if-match',
      '3',
    ],
    {
      method: 'PATCH',
      path: '/memories/1,2',
      body: { importance: 1, pinned: false, expires_at: null, prediction: null },
      headers: { 'if-match': '"3"' },
    },
  ],
  [
    'delete takes --if-match as an ETag and --idempotency-key',
    ['delete', MEMORY_ID, '--if-match', '"3"', '--idempotency-key', 'k', '-n', 'n'],
    {
      method: 'DELETE',
      path: `/memories/${MEMORY_ID}`,
      query: { namespace: 'n' },
      headers: { 'if-match': '"3"', 'idempotency-key': 'k' },
    },
  ],
  [
    'delete --filter only counts',
    ['delete', '--filter', '{"tags":"x"}'],
    { method: 'POST', path: '/memories/delete', body: { filter: { tags: 'x' }, dry_run: true } },
  ],
  [
    'delete --filter --yes deletes',
    ['delete', '--filter', '{"tags":"x"}', '--namespace', 'n', '--yes'],
    {
      method: 'POST',
      path: '/memories/delete',
      body: { namespace: 'n', filter: { tags: 'x' }, dry_run: false },
    },
  ],
  [
    'list takes every filter, sort and cursor flag',
    words(`
      list --namespace n --type summary --tag t --min-coord -1,0 --max-coord 1,1
      --filter {"tier":1} --sort importance --order desc --limit 7 --cursor c`),
    {
      method: 'GET',
      path: '/memories',
      query: {
        namespace: 'n',
        memory_type: 'summary',
        tag: 't',
        min_coord: '-1,0',
        max_coord: '1,1',
        filter: '{"tier":1}',
        sort: 'importance',
        order: 'desc',
        limit: '7',
        cursor: 'c',
      },
    },
  ],
  [
    'link takes --from --to ${MEMORY_ID} --type --strength --metadata --namespace',
    words(`
      link --from -1,2 --to ${MEMORY_ID} --type causes --strength 0.5 --metadata
      {"why":"x"} --namespace n`),
    {
      method: 'POST',
      path: '/graph/link',
      body: {
        from_coord: '-1,2',
        to_id: MEMORY_ID,
        link_type: 'causes',
        strength: 0.5,
        metadata: { why: 'x' },
        namespace: 'n',
      },
    },
  ],
  [
    'unlink takes --from --to --link-type',
    ['unlink', '--from', '1,2', '--to', '3,4', '--link-type', 'causes'],
    {
      method: 'DELETE',
      path: '/graph/link',
      body: { from_coord: '1,2', to_coord: '3,4', link_type: 'causes' },
    },
  ],
  [
    'neighbors takes --link-type --direction --depth --limit',
    [
      'neighbors',
      '1,2',
      '--link-type',
      'causes',
      '--direction',
      'out',
      '--depth',
      '3',
      '--limit',
      '9',
    ],
    {
      method: 'GET',
      path: '/graph/neighbors',
      query: { coord: '1,2', link_type: 'causes', direction: 'out', depth: '3', limit: '9' },
    },
  ],
  [
    'path takes --from --to --link-type --max-length --weight',
    words(`
      path --from 1,2 --to ${OTHER_ID} --link-type causes --max-length 4 --weight
      strength --namespace n`),
    {
      method: 'GET',
      path: '/graph/path',
      query: {
        from_coord: '1,2',
        to_id: OTHER_ID,
        namespace: 'n',
        link_type: 'causes',
        max_length: '4',
        weight: 'strength',
      },
    },
  ],
  [
    'namespaces list takes --limit --cursor',
    ['namespaces', 'list', '--limit', '3', '--cursor', 'c'],
    { method: 'GET', path: '/namespaces', query: { limit: '3', cursor: 'c' } },
  ],
  [
    'lock acquire takes a name --ttl --wait --owner --idempotency-key',
    [...words('lock acquire --ttl 1.5 --wait 2 --owner Ada --idempotency-key k'), 'n m/ü'],
    {
      method: 'POST',
      path: '/locks',
      body: { name: 'n m/ü', ttl_ms: 1500, owner: 'Ada', wait_ms: 2000 },
      headers: { 'idempotency-key': 'k' },
    },
  ],
  [
    'lock acquire alone asks once, for half a minute',
    words('lock acquire digest'),
    { method: 'POST', path: '/locks', body: { name: 'digest', ttl_ms: 30_000 } },
  ],
  [
    'lock renew takes a name --lease --ttl',
    ['lock', 'renew', 'n m/ü', '--lease', 'lease_a', '--ttl', '60'],
    {
      method: 'POST',
      path: '/locks/n m/ü/renew',
      body: { token: 'lease_a', ttl_ms: 60_000 },
    },
  ],
  [
    'lock release takes a name --lease',
    ['lock', 'release', 'n m/ü', '--lease', 'lease_a'],
    { method: 'DELETE', path: '/locks/n m/ü', body: { token: 'lease_a' } },
  ],
  ['lock show takes a name', ['lock', 'show', 'n m/ü'], { method: 'GET', path: '/locks/n m/ü' }],
  ['namespaces alone lists', ['namespaces'], { method: 'GET', path: '/namespaces' }],
  [
    'namespaces set takes a name --language --idempotency-key',
    ['namespaces', 'set', 'n m/ü', '--language', 'german', '--idempotency-key', 'k'],
    {
      method: 'PUT',
      path: '/namespaces/n m/ü',
      body: { language: 'german' },
      headers: { 'idempotency-key': 'k' },
    },
  ],
  [
    'stats takes --namespace',
    ['stats', '-n', 'n'],
    { method: 'GET', path: '/stats', query: { namespace: 'n' } },
  ],
  ['health asks /health', ['health'], { method: 'GET', path: '/health' }],
  ...ADMIN_REQUESTS,
];

describe('soma: what each flag asks of the API', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (argv: string[], surroundings: Parameters<typeof runSoma>[1] = {}) =>
    runSoma([...argv, '--url', server.url, '--token', 'soma_a_b'], surroundings);

  it.each(CASES)('P17 %s', async (_title, argv, { headers = {}, ...expected }) => {
    const { code, stderr } = await soma(argv);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(server.requests).toHaveLength(1);
    const { method, path, query, body } = server.last;
    expect({ method, path, query, body }).toEqual({ query: {}, body: undefined, ...expected });
    expect(server.last.headers).toMatchObject(headers);
  });

  it.each(CASES)('P17 prints one JSON document with --json: %s', async (_title, argv) => {
    const { code, stdout, stderr } = await soma([...argv, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(typeof JSON.parse(stdout)).toBe('object');
  });

  it('P17 sends the token as a bearer, and none to /health', async () => {
    await soma(['stats']);
    expect(server.last.headers.authorization).toBe('Bearer soma_a_b');
    await soma(['health']);
    expect(server.last.headers.authorization).toBeUndefined();
  });

  it('P17 reads a payload from @file and from standard input', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'p.json'), '{"from":"file"}\n');
    await soma(['store', '--payload', '@p.json'], { cwd });
    expect(server.last.body).toEqual({ payload: { from: 'file' } });
    await soma(['store', '--payload', '-'], { stdin: '{"from":"stdin"}' });
    expect(server.last.body).toEqual({ payload: { from: 'stdin' } });
    await soma(['store', '--content', '-'], { stdin: 'words\n' });
    expect(server.last.body).toEqual({ content: 'words\n' });
  });

  it('does not change a number of a payload that JavaScript cannot hold', async () => {
    await soma(['store', '--payload', '{"n": 9007199254740993, "__proto__": 1e400}']);
    expect(server.last.text).toBe('{"payload":{"n": 9007199254740993, "__proto__": 1e400}}');
  });

  it('keeps a path prefix of the address', async () => {
    server.answerWith(() => ({ body: { memories: { total: 0 } } }));
    await runSoma(['stats', '--url', `${server.url}/memory/`, '--token', 't']);
    expect(server.last.path).toBe('/memory/stats');
  });

  it('P17 fetches every page with --all and prints them as one', async () => {
    server.answerWith(({ query }) => ({
      body: query.cursor
        ? { memories: [{ id: 'b' }], next_cursor: null }
        : { memories: [{ id: 'a' }], next_cursor: 'next' },
    }));
    const { stdout } = await soma(['list', '--all', '--json']);
    expect(JSON.parse(stdout)).toEqual({ memories: [{ id: 'a' }, { id: 'b' }], next_cursor: null });
    expect(server.requests.map(({ query }) => query)).toEqual([
      { limit: '200' },
      { limit: '200', cursor: 'next' },
    ]);
  });
});
