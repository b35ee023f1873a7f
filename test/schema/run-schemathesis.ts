import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { logProgress } from '../../tools/services/progress.ts';
import { ensureVenv, venvDir } from '../../tools/services/python-venv.ts';
import type { VenvSpec } from '../../tools/services/python-venv.ts';
import { runProgram } from '../../tools/services/run-program.ts';
import type { ReportEvent } from './report-events.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const VENV: VenvSpec = {
  name: 'schemathesis',
  installs: [
    [
      'schemathesis==4.32.5',
      'hypothesis==6.170.15',
      'jsonschema-rs==0.60.3',
      'pytest==9.2.0',
      'requests==2.34.2',
    ],
  ],
};
/** Exit codes of a run that came to its end: nothing found, or something. */
const ENDED = new Set([0, 1]);

export interface SchemathesisRun {
  readonly url: string;
  readonly tenantToken: string;
  readonly operatorToken: string;
  /** A tenant that operations of the operator may suspend, change and delete. */
  readonly otherTenant: string;
  readonly examples: number;
  readonly seed: number;
  readonly phases: readonly string[];
}

/** Installs Schemathesis into the cache of tools/services, once. @returns the program. */
export async function installSchemathesis(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const context = {
    cacheDir: join(cache, 'soma-services'),
    abort: new AbortController().signal,
    log: (message: string) => logProgress('schemathesis', message),
  };
  await ensureVenv(VENV, context);
  return join(venvDir(context, VENV), 'bin/schemathesis');
}

/**
 * Runs it to its end and gives every event it reports.
 * @throws with its output when it ends by anything but a verdict.
 */
export async function runSchemathesis(
  program: string,
  run: SchemathesisRun,
  onEvent: (event: ReportEvent) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'soma-schema-'));
  // Through a pipe: the answers of a long run would fill a disk.
  const pipe = join(folder, 'events');
  try {
    await runProgram('mkfifo', [pipe]);
    // As long as one writer is there, opening does not wait and reading does not end.
    const writer = openSync(pipe, constants.O_RDWR);
    const reading = readEvents(pipe, onEvent);
    const launched = launch(program, run, { folder, pipe }).finally(() => closeSync(writer));
    const [{ code, output }] = await Promise.all([launched, reading]);
    if (!ENDED.has(code))
      throw new Error(`schemathesis ended with ${code}:\n${output.slice(-4_000)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function readEvents(pipe: string, onEvent: (event: ReportEvent) => void): Promise<void> {
  // By a program of its own: a read of a pipe that waits would keep this one from ending.
  const cat = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = (): boolean => cat.kill();
  process.once('exit', stop);
  const lines = createInterface({ input: cat.stdout, crlfDelay: Infinity });
  for await (const line of lines) {
    if (line !== '') onEvent(JSON.parse(line) as ReportEvent);
  }
  process.off('exit', stop);
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

function launch(
  program: string,
  { url, tenantToken, operatorToken, otherTenant, examples, seed, phases }: SchemathesisRun,
  { folder, pipe }: { folder: string; pipe: string },
): Promise<Ended> {
  const args = [
    '--no-color',
    '--config-file',
    join(REPOSITORY, 'test/schema/schemathesis.toml'),
    'run',
    join(REPOSITORY, 'docs/openapi.json'),
    '--url',
    url,
    '--checks',
    'all',
    '--continue-on-failure',
    '--no-shrink',
    '--phases',
    phases.join(','),
    '--max-examples',
    String(examples),
    '--seed',
    String(seed),
    '--output-sanitize',
    'false',
    '--report',
    'ndjson',
    '--report-ndjson-path',
    pipe,
  ];
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...process.env,
      SCHEMATHESIS_HOOKS: join(REPOSITORY, 'test/schema/line_bodies.py'),
      SOMA_SCHEMA_TENANT_TOKEN: tenantToken,
      SOMA_SCHEMA_OPERATOR_TOKEN: operatorToken,
      SOMA_SCHEMA_OTHER_TENANT: otherTenant,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(-100_000);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const stop = (): boolean => child.kill();
  process.once('exit', stop);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', stop);
      resolve({ code: code ?? -1, output });
    });
  });
}
