import { connect } from 'node:net';
import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const COORDINATE = problem('COORDINATE_INVALID');
const INVALID = problem('VALIDATION_FAILED');
const TEXT = problem('TEXT_INVALID');

describe('hostile addresses', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let before: unknown;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    for (const client of [ours, theirs]) {
      await client.storeAll([
        { coord: '1', content: 'one' },
        { coord: '2', content: 'two' },
      ]);
      await client.link('1', '2');
    }
    before = await state();
  });
  afterAll(() => service.close());
  afterEach(async () => expect(await state()).toEqual(before));

  const state = async () => [
    await ours.settledStats(),
    (await ours.list()).memories,
    await theirs.settledStats(),
    (await theirs.list()).memories,
  ];
  const get = (path: string) => service.request('GET', path, { token: ours.token });

  describe('in the path', () => {
    it.each(['%00', '1%002', '%ff', '%c3', '%E0%A4%A', '%', '%zz', '%ED%A0%80', '%C0%80', '1,2%'])(
      'refuses %s, which is no text',
      async (part) => {
        for (const method of ['GET', 'PATCH', 'DELETE']) {
          const body = method === 'PATCH' ? { pinned: true } : undefined;
          const path = `/memories/${part}`;
          expect(await service.request(method, path, { token: ours.token, body })).toMatchObject(
            TEXT,
          );
        }
        expect(await get(`/${part}`)).toMatchObject(TEXT);
        const admin = `/admin/tenants/${ours.tenantId}/tokens`;
        expect(
          await service.request('DELETE', `${admin}/${part}`, { token: ours.token }),
        ).toMatchObject(TEXT);
        expect(await get(`/admin/tenants/${part}/tokens`)).toMatchObject(TEXT);
      },
    );

    it.each([
      ['a path out of here', '..%2f..%2fetc%2fpasswd'],
      ['a word', 'searching'],
      ['half an id', '01890000-0000-7000-8000'],
      ['an id with more', '01890000-0000-7000-8000-000000000000x'],
      ['a template', '%7B%7B7*7%7D%7D'],
      ['SQL', "1'%20OR%20'1'='1"],
      ['a wildcard', '%25'],
      ['10,000 characters', '1'.repeat(10_000)],
      ['10,000 commas', ','.repeat(10_000)],
      ['a line break', '1%0d%0aX-Injected:%201'],
      ['a right-to-left mark', '%E2%80%8F1'],
    ])('refuses %s as an address of a memory', async (_, part) => {
      const answer = await get(`/memories/${part}`);
      expect(answer).toMatchObject(COORDINATE);
      expect(answer.headers.get('x-injected')).toBeNull();
    });

    it('does not know routes that are nearly its own', async () => {
      for (const path of ['//memories', '/memories/1/2', '/memories/1/version', '/api', '/.env']) {
        expect(await get(path)).toMatchObject(problem('ROUTE_NOT_FOUND'));
      }
    });

    it('answers malformed HTTP with 400 or 431, and goes on', async () => {
      for (const text of [
        'GET\r\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        'GET /memories?namespace=\u00c3\u00a9 HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
        `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
      ]) {
        expect(await rawAnswer(text)).toMatch(/^HTTP\/1\.1 4(?:00|31|05) /);
      }
    });

    function rawAnswer(text: string): Promise<string> {
      const { port, hostname } = new URL(service.url);
      return new Promise((resolve, reject) => {
        let received = '';
        const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
        socket.on('data', (bytes) => {
          received += bytes.toString('latin1');
          socket.setTimeout(5_000);
        });
        socket.on('close', () => resolve(received));
        socket.on('error', reject);
        socket.setTimeout(60_000, () => socket.destroy());
      });
    }
  });

  describe('in the query', () => {
    it.each(['%00', '%ff', '%E0%A4%A', '%ED%A0%80', '%', 'a%C0%80'])(
      'refuses %s, which is no text, in every parameter',
      async (value) => {
        for (const path of [
          '/memories?namespace=',
          '/memories?tag=',
          '/memories?filter=',
          '/memories?cursor=',
          '/memories?min_coord=1&max_coord=',
          '/memories?',
          '/memories/1?namespace=',
          '/stats?namespace=',
          '/graph/neighbors?coord=',
          '/graph/neighbors?coord=1&link_type=',
          '/graph/path?from_coord=1&to_coord=2&link_type=',
          '/admin/tenants?cursor=',
        ]) {
          expect(await get(`${path}${value}`)).toMatchObject(TEXT);
        }
      },
    );

    it('refuses a parameter given twice', async () => {
      for (const query of [
        '/memories?limit=1&limit=2',
        '/memories?limit=1&limit=1',
        '/memories?namespace=a&namespace=default',
        '/memories?sort=created_at&sort=importance',
        '/memories?cursor=a&cursor=b',
        '/memories?filter=%7B%22tier%22%3A1%7D&filter=1',
        '/memories/1?namespace=default&namespace=default',
        '/stats?namespace=a&namespace=b',
        '/graph/neighbors?coord=1&coord=2',
        '/graph/neighbors?coord=1&depth=1&depth=2',
        '/graph/path?from_coord=1&to_coord=2&to_coord=1',
      ]) {
        expect(await get(query)).toMatchObject(INVALID);
      }
    });

    it('refuses unknown parameters, objects and lists among them', async () => {
      for (const query of [
        'x=1',
        'limit[]=1',
        'limit[a]=1',
        'namespace[$ne]=x',
        '__proto__=1',
        '__proto__[a]=1',
        'constructor=1',
        'toString=1',
        `tenant_id=${theirs.tenantId}`,
        'a=1&'.repeat(1_000),
      ]) {
        expect({ query, ...(await get(`/memories?${query}`)) }).toMatchObject({
          query,
          ...INVALID,
        });
        expect((await get(`/memories/1?${query}`)).status).toBe(400);
        expect((await get(`/stats?${query}`)).status).toBe(400);
      }
    });

    it('refuses numbers that are none, or beyond their bounds', async () => {
      for (const limit of ['1e9', '-1', 'NaN', 'Infinity', '9007199254740993', '1,5', '%201%20x']) {
        expect(await get(`/memories?limit=${limit}`)).toMatchObject(INVALID);
        expect(await get(`/graph/neighbors?coord=1&depth=${limit}`)).toMatchObject(INVALID);
        expect(await get(`/graph/path?from_coord=1&to_coord=2&max_length=${limit}`)).toMatchObject(
          INVALID,
        );
      }
    });
  });

  describe('in a header', () => {
    it('refuses hostile keys, tags and tokens', async () => {
      const store = (headers: Record<string, string>) =>
        ours.post('/memories', { coord: '1', content: 'x' }, headers);
      for (const key of ['', 'a b', 'x'.repeat(256), '\u00e9', '\u00ff\u00fe']) {
        expect(await store({ 'idempotency-key': key })).toMatchObject(
          problem('IDEMPOTENCY_KEY_INVALID'),
        );
      }
      for (const tag of ['\u00e9', '"1" OR 1', '"1e400"', '""', '"-1"', ',', '"9".repeat']) {
        expect(
          await ours.patch('/memories/1', { pinned: true }, { 'if-match': tag }),
        ).toMatchObject(INVALID);
      }
      for (const token of ['\u00e9', 'x'.repeat(8_000), `${ours.token}\u00ff`]) {
        expect(
          await service.request('GET', '/stats', { headers: { authorization: `Bearer ${token}` } }),
        ).toMatchObject(problem('TOKEN_INVALID'));
      }
    });
  });

  describe('of another tenant', () => {
    const NO_ID = '01890000-0000-7000-8000-000000000000';
    const MISSING = problem('MEMORY_NOT_FOUND');

    it('are answered like missing ones, in path, query and body', async () => {
      const { id } = await theirs.read('2');
      before = await state();
      for (const foreign of [id, id.toUpperCase(), NO_ID]) {
        const answers = [
          await ours.get(`/memories/${foreign}`),
          await ours.get(`/memories/${foreign}?namespace=other`),
          await ours.patch(`/memories/${foreign}`, { content: 'x' }),
          await ours.delete(`/memories/${foreign}`),
          await ours.get(`/graph/neighbors?id=${foreign}`),
          await ours.get(`/graph/path?from_id=${foreign}&to_coord=1`),
          await ours.get(`/graph/path?from_coord=1&to_id=${foreign}`),
          await ours.post('/graph/link', { from_id: foreign, to_coord: '1' }),
          await ours.post('/graph/link', { from_coord: '1', to_id: foreign }),
          await ours.delete('/graph/link', { from_id: foreign, to_coord: '1' }),
        ];
        for (const answer of answers) expect(answer).toMatchObject(MISSING);
        const deletion = await ours.deleteBy({ ids: [foreign.toLowerCase()] });
        expect(deletion).toEqual({
          matched: 0,
          deleted: 0,
          dry_run: false,
          ids: [],
          receipt_id: null,
        });
      }
    });
  });
});
