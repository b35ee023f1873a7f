import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  api: 'dist/apps/api/src/main.js',
  worker: 'dist/apps/worker/src/main.js',
  migrate: 'dist/apps/worker/src/migrate.js',
} as const;

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const STOPPED_WITHIN_MS = 15_000;
const RESTART_MS = 200;
const TAIL_LINES = 15;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One of the built programs, kept running until it is stopped. */
export class ServiceProcess {
  /** How often it ended by itself. */
  crashes = 0;
  readonly #program: string;
  readonly #logFile: string;
  readonly #dir: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #child: ChildProcess | undefined;
  #killed = false;
  #stopping = false;

  constructor(
    name: keyof typeof PROGRAMS,
    dir: string,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#program = join(REPOSITORY, PROGRAMS[name]);
    if (!existsSync(this.#program)) throw new Error(`${this.#program} is missing: npm run build`);
    this.#logFile = join(dir, `${name}.log`);
    this.#dir = dir;
    this.#env = env;
  }

  start(): void {
    const log = openSync(this.#logFile, 'a');
    const child = spawn(process.execPath, [this.#program], {
      cwd: this.#dir,
      env: this.#env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    running.add(child);
    this.#child = child;
    child.once('exit', () => {
      running.delete(child);
      if (this.#stopping) return;
      if (!this.#killed) this.crashes += 1;
      this.#killed = false;
      setTimeout(() => {
        if (!this.#stopping) this.start();
      }, RESTART_MS);
    });
  }

  kill(): void {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
  }

  /** After `stop`. */
  startAgain(): void {
    this.#stopping = false;
    this.start();
  }

  /** Keeps it from running at all, as a node does that gives it no processor; `false` lets it go on. */
  holdUp(isHeld: boolean): void {
    this.#child?.kill(isHeld ? 'SIGSTOP' : 'SIGCONT');
  }

  /** @throws with the end of its log when it does not exit with 0. */
  async runToEnd(): Promise<void> {
    this.#stopping = true;
    this.start();
    const status = await new Promise((resolve) => this.#child?.once('exit', resolve));
    if (status !== 0) throw new Error(`${this.#program} failed:\n${this.logTail()}`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }

  logTail(): string {
    const lines = readFileSync(this.#logFile, 'utf8').trimEnd().split('\n');
    return lines.slice(-TAIL_LINES).join('\n');
  }
}
