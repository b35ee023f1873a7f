import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/apps/api/src/main.js', import.meta.url));
/** Beside another test and its database a start takes many times what it takes alone. */
const START_TIMEOUT_MS = 240_000;

/** The built service as a process of its own, on the embedded stack. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** The token it printed. */
  readonly token: string;
  /** What it has printed so far. */
  output(): string;
  /** Sends the signal. @returns the exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals>;
}

export interface Ended {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts the service in `folder`, with these settings and nothing of this process' environment.
 * @throws when it ends or says nothing of being ready within four minutes.
 */
export async function spawnService(
  folder: string,
  settings: Record<string, string> = {},
): Promise<ServiceProcess> {
  const service = await spawnReplica(folder, settings, /Token\s+(soma_\S+)/);
  const [, token = ''] = /Token\s+(soma_\S+)/.exec(service.output()) ?? [];
  return { ...service, token };
}

/** The same of one that prints no token, since its tenants are the operator's. */
export async function spawnReplica(
  folder: string,
  settings: Record<string, string>,
  isReady = /Tokens .*\n/,
): Promise<Omit<ServiceProcess, 'token'>> {
  const { child, output, ended } = launch(folder, { SOMA_API_PORT: '0', ...settings });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const { stdout, stderr } = output();
    const [, url] = /ready at (http:\S+)/.exec(stdout) ?? [];
    if (url !== undefined && isReady.test(stdout)) {
      const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
        child.kill(signal);
        return (await ended).code;
      };
      return { url, pid: child.pid ?? 0, output: () => output().stdout, end };
    }
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The service did not start.\n${stdout}\n${stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a service that is expected to refuse, and waits until it has ended. */
export function runToEnd(folder: string, settings: Record<string, string>): Promise<Ended> {
  return launch(folder, { SOMA_API_PORT: '0', ...settings }).ended;
}

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  output(): { stdout: string; stderr: string };
}

function launch(folder: string, settings: Record<string, string>): Launched {
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const ended = once(child, 'close').then((result: unknown[]) => {
    const [code, signal] = result as [number | null, NodeJS.Signals | null];
    return { ...printed, code: code ?? signal ?? Number.NaN };
  });
  return { child, ended, output: () => printed };
}
