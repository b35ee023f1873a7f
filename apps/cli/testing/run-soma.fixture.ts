import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../src/run.js';

export interface SomaRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SomaSurroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly cwd?: string;
  readonly fetch?: typeof fetch;
}

/** A folder of its own, so that no profile or token of this machine is found. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'soma-cli-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** One run of the command line in surroundings that are all made up. */
export async function runSoma(
  argv: readonly string[],
  surroundings: SomaSurroundings = {},
): Promise<SomaRun> {
  const { env = {}, stdin = '', isTTY = false, columns, cwd = emptyFolder() } = surroundings;
  let stdout = '';
  let stderr = '';
  const code = await run(argv, {
    stdout: { write: (text) => void (stdout += text), isTTY, columns },
    stderr: { write: (text) => void (stderr += text), isTTY, columns },
    stdin: chunksOf(stdin),
    env: { HOME: cwd, ...env },
    fetch: surroundings.fetch ?? globalThis.fetch,
    cwd,
  });
  return { code, stdout, stderr };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

/** A command line whose arguments have no spaces. */
export const words = (line: string): string[] => line.trim().split(/\s+/);
