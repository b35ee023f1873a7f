import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/client.js';
import { assertRoleIsBound } from './role-check.js';
import { Database } from './database.js';
import { assertMigrated } from '../migrations/migration-state.js';

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Opens PostgreSQL for the service.
 * @throws when the login could bypass row-level security, or migrations are missing.
 */
export async function openPostgres(url: string, poolSize: number): Promise<Database> {
  const adapter = new PrismaPg({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  const client = new PrismaClient({ adapter });
  try {
    await assertRoleIsBound(client);
    await assertMigrated(client);
  } catch (error) {
    await client.$disconnect();
    throw error;
  }
  return new Database(client, 'postgresql');
}
