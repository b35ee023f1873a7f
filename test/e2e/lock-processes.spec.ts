import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Lease, LockState } from '@soma/locks';
import { type Client, clientOf } from './client.js';
import { ok, problem } from './http.js';
import { type ServiceProcess, spawnService } from './service-process.js';

const SOMA = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));
const COMMANDS = 8;
/** Long enough that a busy machine renews in time. */
const TTL_S = 12;

describe('locks among processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-lock-processes-'));
  let service: ServiceProcess;
  let client: Client;

  const start = async (): Promise<void> => {
    service = await spawnService(folder, { SOMA_RATE_LIMIT_PER_SECOND: '0' });
    client = clientOf(service.url, { token: service.token, id: '', tenant_id: '' });
  };
  beforeAll(start);
  afterAll(async () => {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  /** `soma lock run` of a script. */
  const lockRun = (name: string, options: readonly string[], script: string): ChildProcess =>
    spawn(
      process.execPath,
      [SOMA, 'lock', 'run', name, ...options, '--', process.execPath, '-e', script],
      {
        cwd: folder,
        env: { HOME: folder, SOMA_URL: service.url, SOMA_TOKEN: service.token },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
  const endOf = async (child: ChildProcess): Promise<unknown> =>
    ((await once(child, 'close')) as unknown[])[0];
  const acquire = (name: string, ttl: number) =>
    client.post<Lease>('/locks', { name, ttl_ms: ttl });

  it(`P20 let ${COMMANDS} commands that read, think and write one file lose no change`, async () => {
    writeFileSync(join(folder, 'count'), '0');
    const count = `const fs = require('node:fs');
      const before = Number(fs.readFileSync('count', 'utf8'));
      setTimeout(() => fs.writeFileSync('count', String(before + 1)), 100);`;
    const ends = await Promise.all(
      Array.from({ length: COMMANDS }, () => endOf(lockRun('count', ['--wait', '120'], count))),
    );
    expect(ends).toEqual(Array.from({ length: COMMANDS }, () => 0));
    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe(String(COMMANDS));
    const state = await ok(client.get<LockState>('/locks/count'));
    expect(state).toMatchObject({ held: false, fencing_token: COMMANDS });
  });

  it('P20 are free again when the worker that held one was killed', async () => {
    const endsWithItsKeeper = `const keeper = process.ppid;
      setInterval(() => process.ppid === keeper || process.exit(), 100);`;
    const worker = lockRun('work', ['--ttl', String(TTL_S)], endsWithItsKeeper);
    while (!(await client.get<LockState>('/locks/work')).body.held) await sleep(50);
    // Held past its first end, since it is renewed.
    await sleep(1_000 * TTL_S + 500);
    expect(await acquire('work', 1_000)).toMatchObject(problem('LOCK_HELD'));
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    const body = { name: 'work', ttl_ms: 1_000, wait_ms: 10_000 };
    let next = await client.post<Lease>('/locks', body);
    while (next.status === 409) next = await client.post<Lease>('/locks', body);
    expect((await ok(Promise.resolve(next), 201)).fencing_token).toBe(2);
  });

  it('P20 are held, and count on, after kill -9 of the service', async () => {
    const lease = await ok(acquire('kept', 300_000), 201);
    const gone = await ok(acquire('gone', 100), 201);
    await service.end('SIGKILL');
    await start();
    expect(await acquire('kept', 1_000)).toMatchObject(problem('LOCK_HELD'));
    const renewal = { token: lease.token, ttl_ms: 300_000 };
    expect(await ok(client.post('/locks/kept/renew', renewal))).toMatchObject({ held: true });
    expect((await ok(acquire('gone', 1_000), 201)).fencing_token).toBe(gone.fencing_token + 1);
  });
});
