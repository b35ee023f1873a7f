import type { PrismaClient } from '../generated/client.js';
import { readMigrations } from './migration-files.js';

/** @throws when the database lacks a migration that this version of the service needs. */
export async function assertMigrated(client: PrismaClient): Promise<void> {
  const applied = new Set(await appliedNames(client));
  const missing = readMigrations().filter((migration) => !applied.has(migration.name));
  if (missing.length === 0) return;
  throw new Error(
    `The database lacks ${missing.length} migration(s), from ${missing[0]?.name} on. Set ` +
      'SOMA_POSTGRES_OWNER_URL and run `npm run migrate`.',
  );
}

async function appliedNames(client: PrismaClient): Promise<string[]> {
  const [history] = await client.$queryRaw<{ found: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`;
  if (!history?.found) return [];
  const rows = await client.$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
  return rows.map((row) => row.migration_name);
}
