import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { withMachineLock } from './machine-lock.ts';
import { secondsSince } from './progress.ts';
import { runProgram } from './run-program.ts';
import type { ServerContext } from './server-definition.ts';

export interface VenvSpec {
  readonly name: string;
  /** Arguments of one `pip install` each. */
  readonly installs: readonly (readonly string[])[];
}

export function venvDir(context: ServerContext, spec: VenvSpec): string {
  return join(context.cacheDir, `venv-${spec.name}`);
}

/** Builds the venv unless a complete one with just these packages is in the cache. */
export async function ensureVenv(spec: VenvSpec, context: ServerContext): Promise<void> {
  const dir = venvDir(context, spec);
  const marker = join(dir, '.complete');
  const wanted = JSON.stringify(spec.installs);
  await mkdir(context.cacheDir, { recursive: true });
  await withMachineLock(dir, context.abort, async () => {
    if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) {
      return;
    }
    // Without its marker a venv is what an interrupted install has left behind.
    rmSync(dir, { recursive: true, force: true });
    const begin = performance.now();
    const python = process.env['SOMA_PYTHON'] ?? 'python3';
    await runProgram(python, ['-m', 'venv', dir], { abort: context.abort });
    for (const args of spec.installs) {
      context.log(`installing ${args.filter((arg) => !arg.startsWith('-')).join(' ')}`);
      const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', ...args];
      await runProgram(join(dir, 'bin/python'), pip, { abort: context.abort });
    }
    writeFileSync(marker, wanted);
    context.log(`installed into ${dir} (${secondsSince(begin)})`);
  });
}
