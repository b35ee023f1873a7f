import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { serviceEnvironment } from './service-environment.ts';
import type { Stack } from './service-environment.ts';
import { SomaClient } from './soma-client.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const API = 'dist/apps/api/src/main.js';
const WORKER = 'dist/apps/worker/src/main.js';
const MIGRATE = 'dist/apps/worker/src/migrate.js';
const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 15_000;

export interface RunningService {
  /** On loopback, without a slash at the end. */
  readonly url: string;
  /** Of a tenant that holds nothing yet. */
  readonly token: string;
  /** Ends the processes and removes their data folder. */
  stop(): Promise<void>;
}

/** One that this process has started. */
export interface OwnService extends RunningService {
  readonly operatorToken: string;
  /** A token of another tenant that holds nothing yet. */
  newTenant(): Promise<string>;
}

export interface ServiceOptions {
  stack: Stack;
  settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the built service on a free loopback port with an empty data folder and waits until
 * `/readyz` says 200; the production stack is migrated first and gets its worker too, and a tenant of
 * its own. However
 * this process ends, the service ends with it.
 */
export async function startService({ stack, settings }: ServiceOptions): Promise<OwnService> {
  for (const built of stack === 'production' ? [API, WORKER, MIGRATE] : [API]) {
    if (!existsSync(join(REPOSITORY, built))) throw new Error(`${built} is missing: npm run build`);
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'soma-bench-'));
  const adminToken = `bench-${randomBytes(24).toString('hex')}`;
  const port = await freePort();
  const workerPort = await freePort();
  const processes: ChildProcess[] = [];
  const killAll = (): void => {
    for (const child of processes) child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  };
  const interrupted = (): void => process.exit(130);
  process.once('exit', killAll);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(terminate));
    process.off('exit', killAll);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  };

  const url = `http://127.0.0.1:${port}`;
  const launch = (script: string): ChildProcess => {
    const log = openSync(join(dataDir, 'service.log'), 'a');
    const env = serviceEnvironment(process.env, {
      stack,
      port,
      workerPort,
      dataDir,
      adminToken,
      settings,
    });
    const child = spawn(process.execPath, [script], {
      cwd: REPOSITORY,
      env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    processes.push(child);
    return child;
  };
  try {
    if (stack === 'production') await untilDone(launch(MIGRATE), dataDir);
    const api = launch(API);
    await untilReady(url, api, dataDir);
    if (stack === 'production') launch(WORKER);
    const token =
      stack === 'embedded'
        ? readFileSync(join(dataDir, 'token'), 'utf8').trim()
        : await freshTenantToken(url, adminToken);
    const newTenant = () => freshTenantToken(url, adminToken);
    return { url, operatorToken: adminToken, token, newTenant, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(url: string, child: ChildProcess, dataDir: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the service ended before it was ready:\n${logTail(dataDir)}`);
    }
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await sleep(100);
  }
  throw new Error(
    `the service was not ready within ${READY_WITHIN_MS / 1000} s:\n${logTail(dataDir)}`,
  );
}

async function untilDone(child: ChildProcess, dataDir: string): Promise<void> {
  const status = await new Promise((resolve) => child.once('exit', resolve));
  if (status !== 0) throw new Error(`the migration failed:\n${logTail(dataDir)}`);
}

function logTail(dataDir: string): string {
  const lines = readFileSync(join(dataDir, 'service.log'), 'utf8').trimEnd().split('\n');
  return lines.slice(-20).join('\n');
}

async function freshTenantToken(url: string, adminToken: string): Promise<string> {
  const admin = new SomaClient(url, adminToken, 1);
  try {
    const name = `bench-${randomBytes(6).toString('hex')}`;
    const tenant = await admin.post<{ id: string }>('/admin/tenants', { name });
    const made = await admin.post<{ token: string }>(`/admin/tenants/${tenant.id}/tokens`, {
      name: 'bench',
      scopes: ['memories:read', 'memories:write', 'graph:read', 'graph:write'],
    });
    return made.token;
  } finally {
    admin.close();
  }
}

async function terminate(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}
