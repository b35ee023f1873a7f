import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { usageError } from '../cli-error.js';

/** Ctrl-C reaches the command by itself, from the terminal; these are passed on. */
const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;
const PATIENCE_MS = 5_000;

/** A command that has this process's standard streams. */
export class ChildCommand {
  /** Its exit code; 128 and the number of the signal that ended it. */
  readonly ended: Promise<number>;
  private readonly child: ChildProcess;

  constructor(
    argv: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    cwd: string,
  ) {
    const [file = '', ...args] = argv;
    this.child = spawn(file, args, { env, cwd, stdio: 'inherit' });
    const passOn = (signal: NodeJS.Signals): void => void this.child.kill(signal);
    const wait = (): void => undefined;
    for (const signal of PASSED_ON) process.on(signal, passOn);
    process.on('SIGINT', wait);
    this.ended = new Promise<number>((resolve, reject) => {
      this.child.once('error', (error: NodeJS.ErrnoException) => {
        reject(usageError(`Cannot run ${file}: ${error.code ?? error.message}.`));
      });
      this.child.once('close', (code, signal) => {
        resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
      });
    }).finally(() => {
      for (const signal of PASSED_ON) process.off(signal, passOn);
      process.off('SIGINT', wait);
    });
  }

  /** Asks it to end, and ends it if it does not. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    await this.ended.catch(() => undefined);
    clearTimeout(force);
  }
}
