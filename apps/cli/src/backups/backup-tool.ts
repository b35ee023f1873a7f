import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.js';
import type { CliSession } from '../cli-session.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { ProgressBar } from '../output/progress-bar.js';
import { type BackupReport, megabytes } from './backup-report.js';

/** Built beside this command, and in the image with it. */
const PROGRAM = fileURLToPath(new URL('../../../backup/src/main.js', import.meta.url));
const PASSED_ON = ['SIGTERM', 'SIGHUP'] as const;

interface Line {
  readonly progress?: { readonly step: string; readonly bytes: number; readonly total?: number };
  readonly outcome?: BackupReport;
  readonly failure?: { readonly code: string; readonly detail: string; readonly hint?: string };
}

/**
 * Has the program that knows the databases do it: this command, a client of the API, loads none of it.
 * @throws CliError with what that program says of its failure.
 */
export async function runBackupTool(session: CliSession, order: object): Promise<BackupReport> {
  if (!existsSync(PROGRAM)) {
    throw failed(EXIT.UNEXPECTED, 'PROGRAM_MISSING', `${PROGRAM} is not there.`, 'npm run build');
  }
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(order)], {
    cwd: session.io.cwd,
    env: session.io.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const forget = passOnSignals(child);
  const progress = new ProgressBar(session.io.stderr);
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const { progress: done, outcome, failure } = JSON.parse(text) as Line;
      if (outcome) return outcome;
      if (failure) throw failureOf(failure);
      if (done) progress.draw(done.bytes, progressText(done));
    }
  } finally {
    progress.clear();
    forget();
  }
  throw failed(EXIT.UNEXPECTED, 'UNEXPECTED', stderr.trim() || 'The backup program said nothing.');
}

function progressText({ step, bytes, total }: NonNullable<Line['progress']>): string {
  if (total === undefined) return `${megabytes(bytes)} ${step}`;
  return `${megabytes(bytes)} of ${megabytes(total)} ${step}`;
}

/** Ctrl-C reaches the program by itself; it takes away what it has begun, and says so. */
function passOnSignals(child: ChildProcess): () => void {
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  const wait = (): void => undefined;
  for (const signal of PASSED_ON) process.on(signal, passOn);
  process.on('SIGINT', wait);
  return () => {
    for (const signal of PASSED_ON) process.off(signal, passOn);
    process.off('SIGINT', wait);
  };
}

const USAGE = new Set([
  'BACKUP_NOT_FOUND',
  'FILE_EXISTS',
  'FILE_NOT_WRITTEN',
  'PROGRAM_MISSING',
  'PROGRAM_TOO_OLD',
  'SETTINGS_INVALID',
  'SETTINGS_MISSING',
]);

function exitCodeOf(code: string): ExitCode {
  if (USAGE.has(code)) return EXIT.USAGE;
  if (code === 'DATABASE_UNAVAILABLE') return EXIT.UNAVAILABLE;
  return code === 'UNEXPECTED' || code === 'PROGRAM_FAILED' ? EXIT.UNEXPECTED : EXIT.INVALID;
}

/** The same error, in the words of this command. */
export const failureOf = (failure: NonNullable<Line['failure']>): CliError =>
  failed(exitCodeOf(failure.code), failure.code, failure.detail, failure.hint);

const failed = (exitCode: ExitCode, code: string, detail: string, hint?: string): CliError =>
  new CliError({ exitCode, code, detail, hint });
