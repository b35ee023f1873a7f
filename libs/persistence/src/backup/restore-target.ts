import { BackupError } from '@soma/backup';
import { Client } from 'pg';

const CONNECT_TIMEOUT_MS = 10_000;

/** A database that a backup may go into. */
export interface RestoreTarget {
  readonly database: string;
  readonly serverMajor: number;
}

/**
 * Looks whether a restore would harm anything; changes nothing.
 * @throws BackupError TARGET_OF_ANOTHER, TARGET_NOT_EMPTY (unless it is to be replaced) or
 * TARGET_IN_USE.
 */
export async function inspectTarget(ownerUrl: string, replace: boolean): Promise<RestoreTarget> {
  const client = new Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    const { rows } = await client.query<TargetRow>(LOOK);
    const [row] = rows;
    if (!row) throw new Error('The database did not say what is in it.');
    const { database, tables, ours } = row;
    if (!ours && tables > 0) throw ofAnother(database, tables);
    const sessions = await client.query<{ login: string }>(SESSIONS);
    if (sessions.rows.length > 0) {
      throw inUse(
        database,
        sessions.rows.map(({ login }) => login),
      );
    }
    if (!replace && (await hasRows(client))) throw notEmpty(database);
    return { database, serverMajor: row.major };
  } finally {
    await client.end();
  }
}

interface TargetRow {
  database: string;
  major: number;
  tables: number;
  ours: boolean;
}

const LOOK = `
  SELECT current_database() AS database,
    current_setting('server_version_num')::int / 10000 AS major,
    (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS tables,
    to_regclass('public._prisma_migrations') IS NOT NULL
      AND (SELECT count(*) = 2 FROM pg_tables WHERE schemaname = 'public'
           AND tablename IN ('tenants', 'memories')) AS ours`;

/** What other logins are is hidden from the owner, but not that they are there; autovacuum has none. */
const SESSIONS = `
  SELECT usename AS login FROM pg_stat_activity
  WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()
  ORDER BY 1`;

/** Row-level security hides rows from the owner: it is set aside in a transaction that is undone. */
async function hasRows(client: Client): Promise<boolean> {
  const found = await client.query<{ found: boolean }>(
    "SELECT to_regclass('public.tenants') IS NOT NULL AS found",
  );
  if (found.rows[0]?.found !== true) return false;
  await client.query('BEGIN; SET LOCAL lock_timeout = 10000');
  try {
    await client.query('ALTER TABLE public.tenants NO FORCE ROW LEVEL SECURITY');
    const { rows } = await client.query<{ filled: boolean }>(
      'SELECT EXISTS (SELECT 1 FROM public.tenants) AS filled',
    );
    return rows[0]?.filled === true;
  } finally {
    await client.query('ROLLBACK');
  }
}

const ofAnother = (database: string, tables: number): BackupError =>
  new BackupError(
    'TARGET_OF_ANOTHER',
    `The database "${database}" has ${tables} table(s), and they are not of this service.`,
    'Make a database of its own: CREATE DATABASE … OWNER …, and name it in the URLs.',
  );

const notEmpty = (database: string): BackupError =>
  new BackupError(
    'TARGET_NOT_EMPTY',
    `The database "${database}" holds tenants. Nothing was changed.`,
    'Restore into an empty database, or give up what is in this one with --replace.',
  );

const inUse = (database: string, logins: readonly string[]): BackupError =>
  new BackupError(
    'TARGET_IN_USE',
    `The database "${database}" has ${logins.length} other session(s), of: ${[...new Set(logins)].join(', ')}.`,
    'Stop the API and the workers first; they would go on with data that is no longer there.',
  );
