import { randomUUID } from 'node:crypto';
import { readMigrations, type Migration } from './migration-files.js';

/** A connection of the tables' owner. */
export interface MigrationConnection {
  /** Runs one or more statements. */
  exec(sql: string): Promise<void>;
  query(sql: string, parameters: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

/** Any number, the same in every process that migrates. */
export const MIGRATION_LOCK = 7_266_210_101;

/** The table of `prisma migrate`, so that either tool can carry on from the other. */
export const HISTORY_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY NOT NULL,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  );`;

/**
 * Applies the migrations that are missing, each in a transaction, and then runs `finish`; one
 * process at a time does either.
 * @returns the names of those applied now.
 * @throws when an applied migration's file has changed since.
 */
export async function migrate(
  connection: MigrationConnection,
  finish: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  await connection.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    const applied = await applyMissing(connection);
    await finish();
    return applied;
  } finally {
    await connection.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

async function applyMissing(connection: MigrationConnection): Promise<string[]> {
  await connection.exec(HISTORY_TABLE);
  const applied = await appliedChecksums(connection);
  const missing: Migration[] = [];
  for (const migration of readMigrations()) {
    const checksum = applied.get(migration.name);
    if (checksum === undefined) missing.push(migration);
    else if (checksum !== migration.checksum) {
      throw new Error(
        `Migration ${migration.name} was changed after it was applied. Restore the file and put ` +
          'the change into a new migration.',
      );
    }
  }
  for (const migration of missing) await apply(connection, migration);
  return missing.map((migration) => migration.name);
}

/** The statement that records an applied migration, for a script that applies it itself. */
export function recordMigration({ name, checksum }: Migration): string {
  return `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
    VALUES ('${randomUUID()}', '${checksum}', '${name}', now(), 1);`;
}

async function appliedChecksums(connection: MigrationConnection): Promise<Map<string, string>> {
  const rows = await connection.query(
    `SELECT migration_name, checksum FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    [],
  );
  return new Map(rows.map((row) => [String(row['migration_name']), String(row['checksum'])]));
}

async function apply(connection: MigrationConnection, migration: Migration): Promise<void> {
  await connection.exec('BEGIN');
  try {
    await connection.exec(migration.sql);
    await connection.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await connection.exec('COMMIT');
  } catch (error) {
    await connection.exec('ROLLBACK');
    throw error;
  }
}
