import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from './client.js';
import { eventually } from './eventually.js';
import { type ServiceProcess, spawnService } from './service-process.js';

const OPERATOR = 'operator-token-of-the-canaries';
/** Stands in every text that a tenant may send; each place has a number of its own. */
const CANARY = 'canary9f3b';

/** The running database takes files away. */
function readIfThere(path: string): Buffer[] {
  try {
    return [readFileSync(path)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

describe('what a tenant sends in confidence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-canaries-'));
  let service: ServiceProcess;
  let client: Client;
  let refusals: string[];

  beforeAll(async () => {
    service = await spawnService(folder, {
      SOMA_DATA_DIR: './kept',
      SOMA_LOG_LEVEL: 'trace',
      SOMA_ADMIN_TOKEN: OPERATOR,
      SOMA_RATE_LIMIT_PER_SECOND: '0',
    });
    client = await createClient(service.url, OPERATOR);
    await useEverything();
    refusals = await beRefused();
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const secretOf = (token: string): string => token.split('_')[2] ?? token;
  const secrets = () => [client.token, service.token].map(secretOf).concat(OPERATOR);
  const foundIn = (text: string): string[] =>
    [CANARY, ...secrets()].filter((canary) => text.includes(canary));
  const metrics = async () => (await client.get<string>('/metrics')).body;

  /** Every place of a memory, a link, a lock, a search and a filter has the canary. */
  async function useEverything(): Promise<void> {
    const memory = {
      coord: '1',
      namespace: `${CANARY}-0`,
      content: `${CANARY}-1`,
      payload: { [`${CANARY}-2`]: `${CANARY}-3` },
      metadata: { [`${CANARY}-4`]: `${CANARY}-5` },
      tags: [`${CANARY}-6`],
      session_id: `${CANARY}-7`,
      speaker: `${CANARY}-8`,
    };
    const namespace = memory.namespace;
    await client.store(memory);
    await client.store({ ...memory, coord: '2' });
    await client.link('1', '2', { namespace, link_type: `${CANARY}-9`, metadata: { [CANARY]: 1 } });
    await client.neighbors(`coord=1&namespace=${namespace}`);
    const filter = { [`metadata.${CANARY}`]: CANARY };
    await client.search(`${CANARY} query`, { namespace, filter, context: CANARY, explain: true });
    await client.list(`tag=${CANARY}&filter=${encodeURIComponent(JSON.stringify(filter))}`);
    const lock = { name: `${CANARY}-lock`, ttl_ms: 1_000, owner: `${CANARY}-owner` };
    const lease = await client.post<{ token: string }>('/locks', lock);
    await client.delete(`/locks/${lock.name}`, { token: lease.body.token });
    await client.deleteBy({ namespace, filter });
    await client.post(`/admin/tenants/${client.tenantId}/tokens`, {
      name: `${CANARY}-token`,
      scopes: ['memories:read'],
    });
  }

  /** Refused in every way; the texts of the answers, whose repeated input is the caller's own. */
  async function beRefused(): Promise<string[]> {
    const wrong = client.token.replace(/.{8}$/, '00000000');
    const authorized = {
      authorization: `Bearer ${client.token}`,
      'content-type': 'application/json',
    };
    const asked: [string, RequestInit][] = [
      ['/stats', { headers: { authorization: `Bearer ${wrong}` } }],
      [`/stats?access_token=${client.token}`, { headers: authorized }],
      ['/memories', { method: 'POST', headers: authorized, body: `{"content":"${CANARY}"` }],
      [
        '/memories',
        { method: 'POST', headers: authorized, body: `{"payload":{"__proto__":"${CANARY}"}}` },
      ],
      [
        '/memories',
        { method: 'POST', headers: authorized, body: `{"content":"x","importance":"${CANARY}"}` },
      ],
      ['/memories', { method: 'PUT', headers: authorized, body: `{"content":"${CANARY}"}` }],
      [
        '/memories/1',
        {
          method: 'PATCH',
          headers: { ...authorized, 'if-match': `"${CANARY}"` },
          body: '{"pinned":true}',
        },
      ],
      ['/memories/404404', { headers: authorized }],
      [`/${CANARY}`, { headers: authorized }],
    ];
    return Promise.all(
      asked.map(async ([path, init]) => {
        const answer = await fetch(`${service.url}${path}`, init);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        return JSON.stringify([...answer.headers]) + (await answer.text());
      }),
    );
  }

  it('stands nowhere in the logs, at the level that says most', async () => {
    // What greets whoever starts it shows the first token, on purpose; every log line is JSON.
    const written = () =>
      service
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'));
    const last = 'the-last-request-of-the-canaries';
    await client.get('/stats', { 'x-request-id': last });
    const logged = await eventually(written, (lines) => lines.some((line) => line.includes(last)));
    expect(logged.length).toBeGreaterThan(10);
    // A path is logged, and names what it addresses: a lock by its name, a route that is none.
    const lines = logged.map((line) => line.replace(/"path":"\/(?:locks\/)?canary[^"]*"/, ''));
    expect(foundIn(lines.join('\n'))).toEqual([]);
  });

  it('stands nowhere in the metrics, nor does the id of a tenant', async () => {
    const text = await metrics();
    expect(text).toContain('soma_');
    expect(foundIn(text)).toEqual([]);
    expect(text).not.toContain(client.tenantId);
  });

  it('stands nowhere in the audit, of the tenant or of the service', async () => {
    for (const tenant of [client.tenantId, 'service']) {
      const answer = await fetch(`${service.url}/admin/audit/export?tenant=${tenant}`, {
        headers: { authorization: `Bearer ${OPERATOR}` },
      });
      const text = await answer.text();
      expect(text).toContain('"action":"');
      expect(foundIn(text)).toEqual([]);
    }
  });

  it('brings no secret into a refusal', () => {
    expect(refusals.filter((text) => secrets().some((secret) => text.includes(secret)))).toEqual(
      [],
    );
    expect(refusals.filter((text) => /node_modules|\.js:\d|at \w+ \(/.test(text))).toEqual([]);
  });

  it('leaves no secret of a token in the database', () => {
    const files = readdirSync(join(folder, 'kept', 'postgres'), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => readIfThere(join(entry.parentPath, entry.name)));
    expect(files.some((bytes) => bytes.includes(CANARY))).toBe(true);
    expect(secrets().filter((secret) => files.some((bytes) => bytes.includes(secret)))).toEqual([]);
  });
});
