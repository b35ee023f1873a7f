import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertFits, type BackupFile } from '@soma/backup';
import {
  inspectTarget,
  migratePostgres,
  readMigrations,
  type RestoreScript,
  restoreScript,
} from '@soma/persistence';
import { withProgramUrl } from './pg-connection.js';
import type { PgPrograms } from './pg-programs.js';
import type { Reporter } from './reporter.js';
import { withoutNewerSettings } from './newer-settings.js';

export interface PostgresUrls {
  readonly ownerUrl: string;
  /** Of the service, whose login is made if it is missing. */
  readonly url: string;
}

/**
 * Restores in one transaction: until its end the database is as it was, and stays so if anything fails.
 * @returns the name of the database.
 */
export async function restorePostgres(
  { ownerUrl, url }: PostgresUrls,
  backup: BackupFile,
  replace: boolean,
  programs: PgPrograms,
  reporter: Reporter,
): Promise<string> {
  const { manifest } = backup;
  assertFits(manifest, 'postgresql', readMigrations());
  const { database, serverMajor } = await inspectTarget(ownerUrl, replace);
  await programs.version('pg_restore', Number.parseInt(manifest.dump_version ?? '0', 10));
  await programs.version('psql', 0);
  await withProgramUrl(ownerUrl, {}, async (programUrl) => {
    const psql = programs.start('psql', [...PSQL, `--dbname=${programUrl}`]);
    psql.stdout.resume();
    const script = restoreScript(manifest, replace);
    await feed(psql.stdin, script, serverMajor, backup, { programs, reporter }).catch(
      async (error: unknown) => {
        psql.stdin.destroy();
        // What psql says is why the feeding failed, if it says anything.
        await psql.ended;
        throw error;
      },
    );
    await psql.ended;
  });
  await migratePostgres(ownerUrl, url);
  return database;
}

const PSQL = ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', '--file=-'];

interface Helpers {
  readonly programs: PgPrograms;
  readonly reporter: Reporter;
}

/** The script commits at its very end, so one that breaks off changes nothing. */
async function feed(
  psql: Writable,
  { before, after }: RestoreScript,
  serverMajor: number,
  { manifest, chunks }: BackupFile,
  { programs, reporter }: Helpers,
): Promise<void> {
  const rows = programs.start('pg_restore', ['--data-only', '--file=-']);
  const copied = chunks((bytes) => reporter.progress('restored', bytes, manifest.bytes));
  // It ends by itself, saying why, when it stops reading.
  pipeline(copied, rows.stdin).catch(() => {});
  await write(psql, before);
  for await (const chunk of withoutNewerSettings(rows.stdout, serverMajor)) {
    await write(psql, chunk);
  }
  await rows.ended;
  psql.end(after);
}

async function write(stream: Writable, chunk: Uint8Array | string): Promise<void> {
  if (stream.destroyed) throw new Error('psql stopped reading.');
  if (stream.write(chunk)) return;
  await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
}
