import type { Command } from 'commander';
import { showBackup } from '../backups/backup-report.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, type GlobalOptions, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { readVersion } from '../version.js';

interface BackupOptions {
  readonly out: string;
  readonly dataDir?: string;
  readonly force?: boolean;
}

interface RestoreOptions {
  readonly dataDir?: string;
  readonly replace?: boolean;
}

export function backupCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('backup')
    .description(
      'copy every tenant into one file: PostgreSQL where SOMA_POSTGRES_OWNER_URL is set, else the embedded service at --url',
    )
    .requiredOption('--out <file>', 'where to; its owner alone can read it')
    .option('--data-dir <folder>', 'the data folder of an embedded service that is stopped')
    .option('--force', 'write over a file of that name');
  onRun<BackupOptions & GlobalOptions>(command, io, async (session, options) => {
    showBackup(session, await backup(session, options));
  });
  withExamples(command, [
    'soma admin backup --out soma.backup',
    'soma admin backup --data-dir ./data --out soma.backup',
    'SOMA_POSTGRES_URL=… SOMA_POSTGRES_OWNER_URL=… soma admin backup --out soma.backup',
  ]);
}

/** The address of a service, where one is given, says more than a variable that is set. */
async function backup(session: CliSession, options: BackupOptions & GlobalOptions) {
  const file = session.path(options.out);
  const force = options.force === true;
  if (
    options.dataDir === undefined &&
    (options.url || !session.io.env['SOMA_POSTGRES_OWNER_URL'])
  ) {
    const { downloadBackup } = await import('../backups/download-backup.js');
    return downloadBackup(session, file, force);
  }
  const { runBackupTool } = await import('../backups/backup-tool.js');
  const data_dir = options.dataDir === undefined ? undefined : session.path(options.dataDir);
  const service_version = readVersion();
  return runBackupTool(session, { do: 'backup', file, force, service_version, data_dir });
}

export function restoreCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('restore')
    .description('put a backup into an empty database or data folder; the service must be stopped')
    .argument('<file>', 'what `soma admin backup` has written')
    .option('--data-dir <folder>', 'the data folder of an embedded service (SOMA_DATA_DIR)')
    .option('--replace', 'give up what the database or folder holds now');
  onRun<RestoreOptions>(command, io, async (session, { dataDir, replace }, [file = '']) => {
    const { runBackupTool } = await import('../backups/backup-tool.js');
    const order = {
      do: 'restore',
      file: session.path(file),
      replace: replace === true,
      data_dir: dataDir === undefined ? undefined : session.path(dataDir),
    };
    showBackup(session, await runBackupTool(session, order));
    session.note(
      'Start the service: it fills the vector index anew, and finds everything meanwhile.',
    );
  });
  withExamples(command, [
    'soma admin restore soma.backup --data-dir ./data',
    'SOMA_POSTGRES_URL=… SOMA_POSTGRES_OWNER_URL=… soma admin restore soma.backup',
  ]);
}
