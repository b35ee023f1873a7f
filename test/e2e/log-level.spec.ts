import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLevelState, SetLogLevel } from '@soma/observability';
import { type Client, createClient } from './client.js';
import { eventually } from './eventually.js';
import { ok, problem, sendRequest } from './http.js';
import { type ServiceProcess, spawnService } from './service-process.js';

const OPERATOR = 'operator-token-of-the-log-level';
const PATH = '/admin/log-level';

describe('how much the service logs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-log-level-'));
  let service: ServiceProcess;
  let client: Client;

  beforeAll(async () => {
    service = await spawnService(folder, {
      SOMA_DATA_DIR: './kept',
      SOMA_LOG_LEVEL: 'warn',
      SOMA_ADMIN_TOKEN: OPERATOR,
    });
    client = await createClient(service.url, OPERATOR);
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const read = () => ok(sendRequest<LogLevelState>(service.url, 'GET', PATH, { token: OPERATOR }));
  const set = (body: SetLogLevel) =>
    sendRequest<LogLevelState>(service.url, 'PUT', PATH, { token: OPERATOR, body });
  const lines = () =>
    service
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const linesOf = (requestId: string) => lines().filter((line) => line['request_id'] === requestId);
  const send = (requestId: string) =>
    fetch(`${service.url}/stats`, {
      headers: { authorization: `Bearer ${client.token}`, 'x-request-id': requestId },
    });

  it('P15 is as configured until the operator says otherwise', async () => {
    expect(await read()).toEqual({ level: 'warn', configured: 'warn', until: null });
    await send('before');
  });

  it('P15 changes at once, without a restart, and is back by itself', async () => {
    const answer = await ok(set({ level: 'info', for_seconds: 10 }));
    expect(answer).toMatchObject({ level: 'info', configured: 'warn' });
    await send('meanwhile');
    const logged = await eventually(
      () => linesOf('meanwhile'),
      ({ length }) => length > 0,
    );
    expect(logged).toMatchObject([{ req: { path: '/stats' } }]);
    // What came before it would stand there by now.
    expect(linesOf('before')).toEqual([]);
    const again = await eventually(read, ({ level }) => level === 'warn');
    expect(Date.now()).toBeGreaterThan(Date.parse(answer.until ?? '') - 100);
    expect(again).toEqual({ level: 'warn', configured: 'warn', until: null });
    await send('afterwards');
    await ok(set({ level: 'info', for_seconds: 600 }));
    await send('last');
    await eventually(
      () => linesOf('last'),
      ({ length }) => length > 0,
    );
    expect(linesOf('afterwards')).toEqual([]);
    await ok(set({ level: 'warn' }));
  });

  it('P15 is said and changed to nobody else', async () => {
    expect(await client.get(PATH)).toMatchObject(problem('SCOPE_MISSING'));
    const body = { level: 'trace' };
    const { token } = client;
    expect(await sendRequest(service.url, 'PUT', PATH, { token, body })).toMatchObject(
      problem('SCOPE_MISSING'),
    );
    expect((await read()).level).toBe('warn');
  });

  it('P15 has no level that pino does not know', async () => {
    expect(await set({ level: 'loud' as 'warn' })).toMatchObject(problem('VALIDATION_FAILED'));
    expect((await read()).level).toBe('warn');
  });

  it('P23 leaves an event of each change', async () => {
    await ok(set({ level: 'error' }));
    const path = '/admin/audit?tenant=service&action=logs.level';
    type Told = { events: { actor: string; outcome: string }[] };
    const { events } = await eventually(
      () => ok(sendRequest<Told>(service.url, 'GET', path, { token: OPERATOR })),
      (told) => told.events.length > 0,
    );
    expect(events).toContainEqual(expect.objectContaining({ actor: 'operator', outcome: 'done' }));
  });
});
