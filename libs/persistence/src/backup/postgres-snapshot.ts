import { BackupError, type DatabaseContents } from '@soma/backup';
import { Client } from 'pg';
import { readContents } from './database-contents.js';
import { BACKUP_SETTING, HIDDEN_TABLES } from './owner-reads.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** One moment of a PostgreSQL database, which a dump can be told to read. */
export interface PostgresSnapshot {
  readonly id: string;
  readonly serverMajor: number;
  readonly contents: DatabaseContents;
  /** Lets the moment go; a dump of it must have ended. */
  close(): Promise<void>;
}

/**
 * Holds one moment, and counts what is in it.
 * @throws BackupError SOURCE_NOT_READABLE where row-level security hides rows from this login, for
 * which a dump would be without them.
 */
export async function openSnapshot(ownerUrl: string): Promise<PostgresSnapshot> {
  const client = new Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  await client.connect();
  const ask = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
  try {
    await ask(`SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0;
      SET ${BACKUP_SETTING.name} = '${BACKUP_SETTING.value}';
      BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
    const hidden = await ask(HIDDEN_TABLES);
    if (hidden.length > 0) throw notReadable(hidden.map(({ name }) => String(name)));
    if (!(await isOurs(ask))) throw notMigrated();
    const [row] = await ask(
      "SELECT pg_export_snapshot() AS id, current_setting('server_version_num')::int / 10000 AS major",
    );
    return {
      id: String(row?.['id']),
      serverMajor: Number(row?.['major']),
      contents: await readContents(ask),
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function isOurs(ask: (sql: string) => Promise<Record<string, unknown>[]>): Promise<boolean> {
  const [row] = await ask("SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS found");
  return row?.['found'] === true;
}

const notReadable = (tables: readonly string[]): BackupError =>
  new BackupError(
    'SOURCE_NOT_READABLE',
    `The login of SOMA_POSTGRES_OWNER_URL may not read every row of: ${tables.join(', ')}.`,
    'Use the login that owns the tables, and run the migration once: npm run migrate',
  );

const notMigrated = (): BackupError =>
  new BackupError(
    'SOURCE_NOT_READABLE',
    'The database of SOMA_POSTGRES_OWNER_URL holds no tables of this service.',
    'Check the name of the database in SOMA_POSTGRES_OWNER_URL.',
  );
