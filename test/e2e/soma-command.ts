import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built `soma` as a process of its own, in `folder`, with these settings alone. */
export async function soma(
  folder: string,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

/** A run with `--json` that must succeed: its document. */
export async function somaJson<Body>(
  folder: string,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<Body> {
  const { code, stdout, stderr } = await soma(folder, [...args, '--json'], settings);
  if (code !== 0) throw new Error(`soma ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Body;
}

/** A run that must fail: its exit code, and the error it printed. */
export async function somaRefusal(
  folder: string,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<{ code: string; detail: string; hint?: string; exit_code: number }> {
  const { code, stdout, stderr } = await soma(folder, [...args, '--json'], settings);
  if (code === 0) throw new Error(`soma ${args.join(' ')} succeeded: ${stdout}`);
  return JSON.parse(stderr) as { code: string; detail: string; exit_code: number };
}
