import { spawn } from 'node:child_process';

const TAIL_LINES = 30;

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly abort?: AbortSignal;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly timeoutMs?: number;
}

/** Runs a program to its end and returns what it wrote; rejects with the tail of its output. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...process.env, ...options.env },
      signal: options.abort,
      timeout: options.timeoutMs,
      ...options.user,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    let interruption: Error | undefined;
    child.once('error', (error) => {
      interruption = error;
      // An aborted program still runs for a moment: whoever cleans up after it waits for `close`.
      if (child.pid === undefined) {
        reject(error);
      }
    });
    child.once('close', (code, signal) => {
      if (interruption) {
        reject(interruption);
        return;
      }
      if (code === 0) {
        resolve(output);
        return;
      }
      const how = signal === null ? `exit code ${String(code)}` : signal;
      const tail = lastLines(output + errors);
      reject(new Error(`${program} ${args.slice(0, 4).join(' ')}: ${how}\n${tail}`));
    });
    // A program that ends without reading its input must not take this one down with EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

export function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
