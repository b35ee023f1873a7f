import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLevelState, SetLogLevel } from '@soma/observability';
import { type Client, createClient } from './client.js';
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
    rmSync(folder, { recursive: true, force: true });
  });

  const read = () => ok(sendRequest<LogLevelState>(service.url, 'GET', PATH, { token: OPERATOR }));
  const set = (body: SetLogLevel) =>
    sendRequest<LogLevelState>(service.url, 'PUT', PATH, { token: OPERATOR, body });
  const lines = () =>
    service
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  /** Lines of the requests under this id, once it must have been written. */
  const loggedOf = async (requestId: string) => {
    await fetch(`${service.url}/stats`, {
      headers: { authorization: `Bearer ${client.token}`, 'x-request-id': requestId },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    return lines().filter((line) => line['request_id'] === requestId);
  };

  it('P15 is as configured until the operator says otherwise', async () => {
    expect(await read()).toEqual({ level: 'warn', configured: 'warn', until: null });
    expect(await loggedOf('before')).toEqual([]);
  });

  it('P15 changes at once, without a restart, and is back by itself', async () => {
    const answer = await ok(set({ level: 'info', for_seconds: 3 }));
    expect(answer).toMatchObject({ level: 'info', configured: 'warn' });
    expect(await loggedOf('meanwhile')).toMatchObject([{ req: { path: '/stats' } }]);
    const wait = Date.parse(answer.until ?? '') - Date.now() + 100;
    await new Promise((resolve) => setTimeout(resolve, wait));
    expect(await read()).toEqual({ level: 'warn', configured: 'warn', until: null });
    expect(await loggedOf('afterwards')).toEqual([]);
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
    await new Promise((resolve) => setTimeout(resolve, 500));
    const query = 'tenant=service&action=logs.level';
    const { body } = await sendRequest<{ events: { actor: string; outcome: string }[] }>(
      service.url,
      'GET',
      `/admin/audit?${query}`,
      { token: OPERATOR },
    );
    expect(body.events).toContainEqual(
      expect.objectContaining({ actor: 'operator', outcome: 'done' }),
    );
  });
});
