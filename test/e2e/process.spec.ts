import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from './client.js';
import { eventually } from './eventually.js';
import { runToEnd, type ServiceProcess, spawnService } from './service-process.js';

const OPERATOR = 'operator-token-of-this-process';
const CANARY = 'canary7c1e';

describe('the service as a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-process-'));
  let service: ServiceProcess;
  let client: Client;

  beforeAll(async () => {
    writeFileSync(
      join(folder, '.env'),
      `SOMA_DATA_DIR=./kept\nSOMA_LOG_LEVEL=silent\nSOMA_ADMIN_TOKEN=${OPERATOR}\n`,
    );
    service = await spawnService(folder, { SOMA_LOG_LEVEL: 'trace' });
    client = await createClient(service.url, OPERATOR);
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const logLines = () =>
    service
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('P49 reads .env, and the environment before it', async () => {
    expect(service.output()).toContain('./kept');
    await eventually(logLines, ({ length }) => length > 0);
  });

  it.each([
    ['SOMA_API_PORT', 'eighty'],
    ['SOMA_ADMIN_TOKEN', 'short'],
    ['SOMA_EMBEDDING_PROVIDER', 'magic'],
    ['SOMA_RATE_LIMIT_PER_SECOND', '-1'],
  ])('P49 does not start with %s=%s, and names the setting', async (name, value) => {
    const { code, stdout, stderr } = await runToEnd(folder, { [name]: value });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(name);
    expect(stderr).toContain('docs/configuration.md');
    expect(stderr).not.toContain('    at ');
  });

  it('prints what one needs to begin: URL, Swagger, token and a request that works', async () => {
    const output = service.output();
    expect(output).toContain(`${service.url}/api/docs`);
    const printed =
      /curl -s (\S+\/memories) [^\n]+\n[^']+'Content-Type: application\/json' -d '([^']+)'/;
    const [, url = '', body = ''] = printed.exec(output) ?? [];
    const headers = {
      authorization: `Bearer ${service.token}`,
      'content-type': 'application/json',
    };
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(201);
  });

  it('gives no memory of the printed tenant to another', async () => {
    expect((await client.stats()).memories.total).toBe(0);
  });

  it('logs JSON with the request id, and no token, payload, query or key', async () => {
    const requestId = 'request-of-the-log-test';
    const headers = { 'x-request-id': requestId, 'idempotency-key': `${CANARY}-key` };
    await client.post('/memories', { coord: '1', payload: { text: `${CANARY} payload` } }, headers);
    await client.search(`${CANARY} query`);
    await client.get(`/memories?tag=${CANARY}&filter=%7B%22metadata.${CANARY}%22%3A1%7D`);
    await client.post('/memories', { content: CANARY, unknown: CANARY });
    await client.post('/memories', { coord: CANARY, content: 'x' });
    await client.post('/graph/link', { from_coord: '1', to_coord: '2', link_type: CANARY });
    const wrong = client.token.replace(/.{6}$/, CANARY.slice(-6));
    await fetch(`${service.url}/stats`, { headers: { authorization: `Bearer ${wrong}` } });
    await fetch(`${service.url}/stats?access_token=${client.token}`);
    const last = 'the-last-request-of-the-log-test';
    await client.get('/memories/1', { 'x-request-id': last });

    const lines = await eventually(logLines, (all) =>
      [requestId, last].every((id) => all.some((line) => line['request_id'] === id)),
    );
    const ours = lines.filter((line) => line['request_id'] === requestId);
    expect(ours).toHaveLength(1);
    expect(ours[0]).toMatchObject({
      req: { method: 'POST', path: '/memories' },
      res: { status: 201 },
    });
    expect(ours[0]?.['responseTime']).toEqual(expect.any(Number));
    expect(lines.every(({ level, time }) => level !== undefined && time !== undefined)).toBe(true);

    const text = JSON.stringify(lines);
    const secrets = [CANARY, client.token, service.token, OPERATOR, wrong];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(
      secrets.map((secret) => secret.split('_')[2]).filter((part) => part && text.includes(part)),
    ).toEqual([]);
  });

  it('takes over a lock that a process which is gone has left', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'lock'), '2147483000');
    const second = await spawnService(folder, { SOMA_DATA_DIR: other, SOMA_LOG_LEVEL: 'warn' });
    expect(await second.end('SIGTERM')).toBe(0);
  });
});
