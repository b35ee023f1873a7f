import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PATIENCE_MS = 10_000;

/** Runs a command in the foreground and returns its exit code, as a shell would give it. */
export function runCommand(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    const forward = (signal: NodeJS.Signals): void => {
      // A terminal has sent its Ctrl-C to the command already; a second one means "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) {
        child.kill(signal);
      }
      setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS).unref();
    };
    for (const signal of FORWARDED) {
      process.on(signal, forward);
    }
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const forwarded of FORWARDED) {
        process.off(forwarded, forward);
      }
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
}
