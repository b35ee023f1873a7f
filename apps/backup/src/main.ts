import 'reflect-metadata';
import { assertMayWrite, BackupError, type BackupManifest, readBackup } from '@soma/backup';
import { type AppConfig, loadConfig } from '@soma/config';
import { backupPostgres } from './backup-postgres.js';
import { type BackupOrder, backupRequestSchema, type RestoreOrder } from './backup-request.js';
import { backupDataFolder, restoreIntoDataFolder } from './data-folder.js';
import { PgPrograms } from './pg-programs.js';
import { Reporter } from './reporter.js';
import { type PostgresUrls, restorePostgres } from './restore-postgres.js';

interface Done {
  readonly manifest: BackupManifest;
  readonly database: string;
}

const reporter = new Reporter(process.stdout);
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));
}
// Whoever asked is gone.
process.stdout.on('error', () => stopping.abort());

async function run(): Promise<void> {
  const startedAt = performance.now();
  const order = backupRequestSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const config = loadConfig();
  const { manifest, database } = await (order.do === 'backup'
    ? backup(order, config)
    : restore(order, config));
  reporter.outcome({
    file: order.file,
    manifest,
    database,
    seconds: Math.round(performance.now() - startedAt) / 1000,
  });
}

async function backup(order: BackupOrder, config: AppConfig): Promise<Done> {
  assertMayWrite(order.file, order.force);
  if (order.data_dir !== undefined) {
    const manifest = await backupDataFolder(order.data_dir, order, reporter);
    return { manifest, database: order.data_dir };
  }
  const { ownerUrl } = urlsOf(config);
  const manifest = await backupPostgres(ownerUrl, order, programsOf(config), reporter);
  return { manifest, database: nameOf(ownerUrl) };
}

async function restore(order: RestoreOrder, config: AppConfig): Promise<Done> {
  const found = await readBackup(order.file, (bytes) => reporter.progress('checked', bytes));
  const { manifest } = found;
  if (order.data_dir === undefined && config.postgres) {
    const urls = urlsOf(config);
    await restorePostgres(urls, found, order.replace, programsOf(config), reporter);
    return { manifest, database: nameOf(urls.ownerUrl) };
  }
  const dataDir = order.data_dir ?? config.dataDir;
  await restoreIntoDataFolder(dataDir, found, order.replace, reporter);
  return { manifest, database: dataDir };
}

function urlsOf({ postgres }: AppConfig): PostgresUrls {
  if (postgres?.ownerUrl) return { ownerUrl: postgres.ownerUrl, url: postgres.url };
  throw new BackupError(
    'SETTINGS_MISSING',
    'SOMA_POSTGRES_URL and SOMA_POSTGRES_OWNER_URL are not both set.',
    'The owner of the tables reads and writes a backup, as it runs the migration; an embedded ' +
      'database is named with --data-dir.',
  );
}

const programsOf = ({ postgres }: AppConfig): PgPrograms =>
  new PgPrograms(postgres?.binDir, stopping.signal);

/** Where it is, without the password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

run().catch((error: unknown) => {
  reporter.failure(error);
  process.exitCode = 1;
});
