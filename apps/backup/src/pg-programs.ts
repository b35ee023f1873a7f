import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { BackupError } from '@soma/backup';

export type ProgramName = 'pg_dump' | 'pg_restore' | 'psql';

export interface Started {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** @throws BackupError PROGRAM_FAILED with what it wrote last, PROGRAM_MISSING when it is not there. */
  readonly ended: Promise<void>;
}

const KEPT_TEXT = 4_000;

/** The client programs of PostgreSQL, which come with the server's package or with its client's. */
export class PgPrograms {
  /** @param folder where they are; without it they are looked for on the PATH. */
  constructor(
    private readonly folder: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Its major version.
   * @throws BackupError PROGRAM_MISSING, or PROGRAM_TOO_OLD when it is below `atLeast`.
   */
  async version(name: ProgramName, atLeast: number): Promise<string> {
    const { stdin, stdout, ended } = this.start(name, ['--version'], atLeast);
    stdin.end();
    const [text] = await Promise.all([textOf(stdout), ended]);
    const version = /(\d+)(?:\.\d+)?/.exec(text)?.[0] ?? '0';
    if (Number.parseInt(version, 10) >= atLeast) return version;
    throw new BackupError(
      'PROGRAM_TOO_OLD',
      `${this.pathOf(name)} is of version ${version}, and version ${atLeast} or later is needed.`,
      howToInstall(atLeast),
    );
  }

  start(name: ProgramName, args: readonly string[], major = 0): Started {
    const child = spawn(this.pathOf(name), args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: this.signal,
    });
    // Why it stopped reading is known when it has ended.
    child.stdin.on('error', () => {});
    const ended = this.endOf(child, name, major);
    // Awaited by the caller, perhaps after something else has failed.
    ended.catch(() => {});
    return { stdin: child.stdin, stdout: child.stdout, ended };
  }

  private async endOf(
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    name: ProgramName,
    major: number,
  ): Promise<void> {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_TEXT);
    });
    const [code] = (await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? this.missing(name, major) : error;
    })) as [number | null];
    if (code === 0) return;
    throw new BackupError(
      'PROGRAM_FAILED',
      `${name} ended with ${code ?? 'a signal'}: ${said.trim() || 'it did not say why'}`,
      'No backup was made, and a database that was being restored is as it was.',
    );
  }

  private missing(name: ProgramName, major: number): BackupError {
    return new BackupError(
      'PROGRAM_MISSING',
      `${this.pathOf(name)} was not found.`,
      howToInstall(major),
    );
  }

  private pathOf(name: ProgramName): string {
    return this.folder === undefined ? name : join(this.folder, name);
  }
}

const howToInstall = (major: number): string =>
  `Install the client of PostgreSQL ${major > 0 ? `${major} or later` : ''} (Debian: ` +
  `apt-get install postgresql-client${major > 0 ? `-${major}` : ''}), or name the folder of its ` +
  'programs with SOMA_POSTGRES_BIN_DIR.';

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text;
}
