import { setTimeout as sleep } from 'node:timers/promises';
import type { Memory, MemoryPage } from '@soma/memory';
import { Client as Connection } from 'pg';
import type { Answer, Problem } from '../e2e/http.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from '../e2e/service.js';
import { eventually } from '../e2e/eventually.js';
import { median } from '../e2e/welch.js';
import { createOwnDatabase, type OwnDatabase, ask } from './own-database.js';
import { type SilentServer, wayTo } from './silent-server.js';

const LONGEST_MS = 1_000;
const POOL = 4;
/** The machine may be late once; a service that waits is late in every try. */
const TRIES = 4;
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
    await eventually(
      () => ours.get('/readyz'),
      ({ status }) => status === 200,
    );
  };
  const recover = async (): Promise<void> => {
    await way.restore();
    await untilWell();
  };
  /** Those that `once` found late, in the try that found the fewest; `again` comes between tries. */
  const lateInEveryTry = async (
    once: () => Promise<string[]>,
    again: () => Promise<void>,
  ): Promise<string[]> => {
    let late = await once();
    for (let tried = 1; tried < TRIES && late.length > 0; tried += 1) {
      await again();
      const next = await once();
      if (next.length < late.length) late = next;
    }
    return late;
  };
  const stores = (content: string, headers = {}): Promise<Answer<Memory>> =>
    ours.post<Memory>('/memories', { content, coord: '1.0,2.0' }, headers);
  /** Sessions of the service that wait for a lock. */
  const waitingForLocks = async (): Promise<number> => {
    const { username, pathname } = new URL(database.serviceUrl);
    const [rows = []] = await ask(
      database.adminUrl,
      `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'
        AND usename = '${username}' AND datname = '${pathname.slice(1)}'`,
    );
    return rows.length;
  };
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
  afterEach(recover);

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
    const once = async (): Promise<string[]> => {
      await Promise.all(Array.from({ length: POOL }, () => ours.get('/stats')));
      await fallSick(way);
      const late: string[] = [];
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
          if (ms > LONGEST_MS) late.push(`${wave} ${name} after ${Math.round(ms)} ms`);
        }
      }
      expect((await ours.get('/healthz')).status).toBe(200);
      const [ready, ms] = await timed(ours.get('/readyz'));
      expect(ready).toMatchObject({
        status: 503,
        body: { status: 'down', dependencies: { store: { status: 'down' } } },
      });
      if (ms > LONGEST_MS) late.push(`readiness after ${Math.round(ms)} ms`);
      return late;
    };
    expect(await lateInEveryTry(once, recover)).toEqual([]);
  });

  it('answers 503 within a second to what was under way when it falls silent', async () => {
    const once = async (): Promise<string[]> => {
      const late: string[] = [];
      await whileLocked(async () => {
        const storing = stores('under way');
        await eventually(waitingForLocks, (sessions) => sessions > 0);
        way.silence();
        const [answer, ms] = await timed(storing);
        expectAway(answer);
        if (ms > LONGEST_MS) late.push(`after ${Math.round(ms)} ms`);
        const metrics = await (await fetch(`${service.url}/metrics`)).text();
        expect(metrics).toMatch(/^soma_breaker_open\{dependency="postgresql"\} 1$/m);
      });
      return late;
    };
    expect(await lateInEveryTry(once, recover)).toEqual([]);
  });

  it('does not cut long work of a server that is well', async () => {
    // A server that is kept from its processor for half a second is not well.
    const statuses: number[] = [];
    for (let tried = 0; tried < TRIES && statuses.at(-1) !== 201; tried += 1) {
      await whileLocked(async (release) => {
        const storing = stores('waited for a lock');
        await sleep(3_000);
        await release();
        statuses.push((await storing).status);
      });
      await untilWell();
    }
    expect(statuses.at(-1)).toBe(201);
  });

  it('stores once what is asked again after the answer of its commit was lost', async () => {
    const key = { 'idempotency-key': 'an-answer-that-is-lost' };
    const [content, coord] = ['committed, unheard', '7.0,7.0'];
    way.silenceAfter(content, 'COMMIT');
    const lost = await ours.post('/memories', { content, coord }, key);
    expectAway(lost);
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
    const once = async (): Promise<string[]> => {
      await sleep(ALONE_AFTER_MS);
      const late: string[] = [];
      await whileLocked(async (release) => {
        const waiting = Array.from({ length: POOL }, (_, number) =>
          ours.post('/memories', { content: `takes a connection ${number}` }),
        );
        await eventually(waitingForLocks, (sessions) => sessions >= POOL);
        const [answer, ms] = await timed(ours.get('/namespaces'));
        expectAway(answer);
        if (ms > LONGEST_MS) late.push(`after ${Math.round(ms)} ms`);
        await release();
        const statuses = (await Promise.all(waiting)).map(({ status }) => status);
        late.push(...statuses.filter((status) => status !== 201).map((status) => `was ${status}`));
      });
      return late;
    };
    expect(await lateInEveryTry(once, untilWell)).toEqual([]);
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
      const times: number[] = [];
      for (let tries = 0; tries < 5; tries++) {
        const [answer, ms] = await timed(stores('no'));
        expectAway(answer);
        times.push(ms);
      }
      expect(median(times)).toBeLessThan(LONGEST_MS);
    } finally {
      await ask(database.adminUrl, recover.replace('LOGIN', login), endAll);
    }
    await untilWell();
    expect((await stores('yes')).status).toBe(201);
  });
});
