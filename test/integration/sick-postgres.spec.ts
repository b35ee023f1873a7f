import { setTimeout as sleep } from 'node:timers/promises';
import type { Memory, MemoryPage } from '@soma/memory';
import { Client as Connection } from 'pg';
import type { Answer, Problem } from '../e2e/http.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from '../e2e/service.js';
import { createOwnDatabase, type OwnDatabase, ask } from './own-database.js';
import { type SilentServer, wayTo } from './silent-server.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true, retryImmediately: true });

const LONGEST_MS = 1_000;
const POOL = 4;
/** After it, a tenant that asks for nothing takes no part in the shares of those that do. */
const ALONE_AFTER_MS = 1_100;

/** What a server says that is in recovery, in PostgreSQL's protocol. */
function errorResponse(code: string, message: string): Buffer {
  const fields = [`SFATAL`, `VFATAL`, `C${code}`, `M${message}`, ''].join('\0') + '\0';
  const response = Buffer.alloc(5);
  response.write('E');
  response.writeInt32BE(4 + Buffer.byteLength(fields), 1);
  return Buffer.concat([response, Buffer.from(fields)]);
}
const IN_RECOVERY = errorResponse('57P03', 'the database system is in recovery mode');

const SICKNESSES: [string, (way: SilentServer) => Promise<void>][] = [
  ['falls silent', async (way) => way.silence()],
  ['resets every connection', async (way) => way.reset()],
  ['is killed', (way) => way.stop()],
  ['is in recovery', async (way) => way.answerWith(IN_RECOVERY)],
];

describe('a service whose PostgreSQL is sick', () => {
  let database: OwnDatabase;
  let way: SilentServer;
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let stored: Memory;
  let lost = 0;

  const timed = async <Result>(work: Promise<Result>): Promise<[Result, number]> => {
    const started = performance.now();
    const result = await work;
    return [result, performance.now() - started];
  };
  const expectAway = ({ status, headers, body }: Answer): void => {
    expect({ status, code: (body as Problem).code }).toEqual({
      status: 503,
      code: 'DEPENDENCY_UNAVAILABLE',
    });
    expect(headers.get('retry-after')).toBe('1');
  };
  const untilWell = async (): Promise<void> => {
    let last: unknown;
    for (let tries = 0; tries < 1_200; tries++) {
      const { status, body } = await ours.get('/readyz');
      if (status === 200) return;
      last = body;
      await sleep(50);
    }
    throw new Error(`PostgreSQL was not found well again: ${JSON.stringify(last)}`);
  };
  const stores = (content: string, headers = {}): Promise<Answer<Memory>> =>
    ours.post<Memory>('/memories', { content, coord: '1.0,2.0' }, headers);
  /** Holds what every store needs until `work` is done. */
  const whileLocked = async (
    work: (release: () => Promise<void>) => Promise<void>,
  ): Promise<void> => {
    const holder = new Connection({ connectionString: database.adminUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE memories IN ACCESS EXCLUSIVE MODE');
      await work(async () => void (await holder.query('ROLLBACK')));
    } finally {
      await holder.end();
    }
  };

  beforeAll(async () => {
    database = await createOwnDatabase();
    const url = new URL(database.serviceUrl);
    way = await wayTo(url.host);
    url.host = way.address;
    service = await startService({
      SOMA_POSTGRES_URL: url.href,
      SOMA_POSTGRES_OWNER_URL: database.ownerUrl,
      SOMA_POSTGRES_POOL_SIZE: String(POOL),
      SOMA_POSTGRES_TIMEOUT_MS: '1000',
      SOMA_MILVUS_ADDRESS: '',
      SOMA_REDIS_URL: '',
    });
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    stored = (await ours.post<Memory>('/memories', { content: 'was here before' })).body;
  });
  afterAll(async () => {
    await service.close();
    await way.close();
    await database.drop();
  });
  afterEach(async () => {
    await way.restore();
    await untilWell();
  });

  const routes = (): [string, Promise<Answer>][] => [
    ['store', ours.post('/memories', { content: 'lost' })],
    ['bulk', ours.post('/memories/bulk', { memories: [{ content: 'lost' }] })],
    ['read', ours.get(`/memories/${stored.id}`)],
    ['list', ours.get('/memories')],
    ['search', ours.post('/memories/search', { query: 'before' })],
    ['change', ours.patch(`/memories/${stored.id}`, { content: 'lost' })],
    ['delete', ours.delete(`/memories/${stored.id}`)],
    ['delete many', ours.post('/memories/delete', { ids: [stored.id], dry_run: false })],
    ['namespaces', ours.get('/namespaces')],
    ['stats', ours.get('/stats')],
    ['neighbors', ours.get(`/graph/neighbors?coord=${stored.coordinate}`)],
    ['lock', ours.post('/locks', { name: 'a lock', ttl_ms: 5_000 })],
    ['tenants', service.request('GET', '/admin/tenants', { token: OPERATOR_TOKEN })],
    ['an unknown token', service.request('GET', '/stats', { token: 'soma_unknown' })],
  ];

  it.each(SICKNESSES)('answers 503 within a second when it %s', async (_sickness, fallSick) => {
    await Promise.all(Array.from({ length: POOL }, () => ours.get('/stats')));
    await fallSick(way);
    for (const wave of ['first', 'second']) {
      const answers = await Promise.all(
        routes().map(async ([name, asked]) => ({ name, timed: await timed(asked) })),
      );
      for (const {
        name,
        timed: [answer, ms],
      } of answers) {
        if (name === 'an unknown token') continue;
        expectAway(answer);
        expect({ wave, name, late: ms > LONGEST_MS ? ms : 0 }).toEqual({ wave, name, late: 0 });
      }
    }
    expect((await ours.get('/healthz')).status).toBe(200);
    const [ready, ms] = await timed(ours.get('/readyz'));
    expect(ready).toMatchObject({
      status: 503,
      body: { status: 'down', dependencies: { store: { status: 'down' } } },
    });
    expect(ms).toBeLessThan(LONGEST_MS);
  });

  it('answers 503 within a second to what was under way when it falls silent', async () => {
    await whileLocked(async () => {
      const storing = stores('under way');
      await sleep(700);
      way.silence();
      const [answer, ms] = await timed(storing);
      expectAway(answer);
      expect(ms).toBeLessThan(LONGEST_MS);
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      expect(metrics).toMatch(/^soma_breaker_open\{dependency="postgresql"\} 1$/m);
    });
  });

  it('does not cut long work of a server that is well', async () => {
    await whileLocked(async (release) => {
      const storing = stores('waited for a lock');
      await sleep(3_000);
      await release();
      expect((await storing).status).toBe(201);
    });
  });

  it('stores once what is asked again after the answer of its commit was lost', async () => {
    lost += 1;
    const key = { 'idempotency-key': `an-answer-that-is-lost-${lost}` };
    const [content, coord] = [`committed, unheard ${lost}`, `7.0,${lost}.0`];
    way.silenceAfter(content, 'COMMIT');
    expectAway(await ours.post('/memories', { content, coord }, key));
    await way.restore();
    await untilWell();
    const committed = await ours.read(coord);
    const again = await ours.post<Memory>('/memories', { content, coord }, key);
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({ id: committed.id, version: 1 });
    const { body } = await ours.get<MemoryPage>('/memories?limit=200');
    expect(body.memories.filter((memory) => memory.content === content)).toHaveLength(1);
    expect((await theirs.get(`/memories/${coord}`)).status).toBe(404);
  });

  it('answers 503 within a second when every connection is taken, and serves when one is free', async () => {
    await sleep(ALONE_AFTER_MS);
    await whileLocked(async (release) => {
      const waiting = Array.from({ length: POOL }, (_, number) =>
        ours.post('/memories', { content: `takes a connection ${number}` }),
      );
      await sleep(500);
      const [answer, ms] = await timed(ours.get('/namespaces'));
      expectAway(answer);
      expect(ms).toBeLessThan(LONGEST_MS);
      await release();
      expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(
        Array.from({ length: POOL }, () => 201),
      );
    });
    expect((await ours.get('/namespaces')).status).toBe(200);
  });

  it.each([
    [
      'has no connection left',
      'ALTER ROLE LOGIN CONNECTION LIMIT 0',
      'ALTER ROLE LOGIN CONNECTION LIMIT -1',
    ],
    [
      'may only be read',
      'ALTER ROLE LOGIN SET default_transaction_read_only = on',
      'ALTER ROLE LOGIN RESET default_transaction_read_only',
    ],
  ])('answers 503 within a second when it %s', async (_sickness, fallSick, recover) => {
    const login = new URL(database.serviceUrl).username;
    const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${login}'`;
    await ask(database.adminUrl, fallSick.replace('LOGIN', login), endAll);
    try {
      for (let tries = 0; tries < 3; tries++) {
        const [answer, ms] = await timed(stores('no'));
        expectAway(answer);
        expect(ms).toBeLessThan(LONGEST_MS);
      }
    } finally {
      await ask(database.adminUrl, recover.replace('LOGIN', login), endAll);
    }
    await untilWell();
    expect((await stores('yes')).status).toBe(201);
  });
});
