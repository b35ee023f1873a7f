import { Logger } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { PrismaClient } from '../generated/client.js';
import { assertMigrated } from '../migrations/migration-state.js';
import { Database } from './database.js';
import { postgresEngine } from './postgres-engine.js';
import { assertRoleIsBound } from './role-check.js';

const CONNECT_TIMEOUT_MS = 3_000;
/** Above the statement timeout, for a server that no longer answers at all. */
const QUERY_TIMEOUT_MS = 12_000;

/**
 * Opens PostgreSQL for the service.
 * @throws when the login could bypass row-level security, or migrations are missing.
 */
export async function openPostgres(url: string, poolSize: number): Promise<Database> {
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  const logger = new Logger('PostgreSQL');
  pool.on('error', (error) => logger.warn({ err: error }, 'An idle connection was lost'));
  const client = new PrismaClient({ adapter: new PrismaPg(pool) });
  const database = new Database(postgresEngine(pool), client, 'postgresql');
  try {
    await assertRoleIsBound(client);
    await assertMigrated(client);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
