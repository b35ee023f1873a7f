import { sealed, writeBackup, type BackupManifest } from '@soma/backup';
import { BACKUP_SETTING, openSnapshot } from '@soma/persistence';
import type { BackupOrder } from './backup-request.js';
import { withProgramUrl } from './pg-connection.js';
import type { PgPrograms } from './pg-programs.js';
import type { Reporter } from './reporter.js';

/** Longer than a statement of the service runs; a migration may hold a table for so long. */
const LOCK_WAIT_MS = 60_000;

/** The rows of every table as of one moment, while the service writes on; the tables are not in it. */
const DUMP = [
  '--format=custom',
  '--data-only',
  '--schema=public',
  '--exclude-table=public._prisma_migrations',
  '--enable-row-security',
  '--no-password',
  `--lock-wait-timeout=${LOCK_WAIT_MS}`,
];

/** @throws BackupError when the login or the programs will not do; then there is no file. */
export async function backupPostgres(
  ownerUrl: string,
  { file, force, service_version }: BackupOrder,
  programs: PgPrograms,
  reporter: Reporter,
): Promise<BackupManifest> {
  const snapshot = await openSnapshot(ownerUrl);
  try {
    const dumpVersion = await programs.version('pg_dump', snapshot.serverMajor);
    const description = {
      kind: 'postgresql' as const,
      service_version,
      created_at: new Date().toISOString(),
      dump_version: dumpVersion,
      ...snapshot.contents,
    };
    const settings = { [BACKUP_SETTING.name]: BACKUP_SETTING.value };
    return await withProgramUrl(ownerUrl, settings, async (url) => {
      const args = [...DUMP, `--snapshot=${snapshot.id}`, `--dbname=${url}`];
      const { stdin, stdout, ended } = programs.start('pg_dump', args);
      stdin.end();
      return writeBackup(file, sealed(untilItEnded(stdout, ended), description), {
        force,
        onBytes: (bytes) => reporter.progress('copied', bytes),
      });
    });
  } finally {
    await snapshot.close();
  }
}

/** The end of its output says nothing: a dump is whole when the program says so. */
async function* untilItEnded(
  output: AsyncIterable<Uint8Array>,
  ended: Promise<void>,
): AsyncGenerator<Uint8Array> {
  yield* output;
  await ended;
}
