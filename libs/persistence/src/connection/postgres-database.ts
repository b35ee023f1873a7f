import { Logger } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import type { PostgresConfig } from '@soma/config';
import type { Tracing } from '@soma/tracing';
import { PrismaClient } from '../generated/client.js';
import { assertMigrated } from '../migrations/migration-state.js';
import { Database } from './database.js';
import type { DatabaseFailure } from './database-failure.js';
import { forRequests, type Patience } from './patience.js';
import { postgresEngine } from './postgres-engine.js';
import { PostgresWatch } from './postgres-watch.js';
import type { Quotas } from './quota-failure.js';
import { assertRoleIsBound } from './role-check.js';
import { WatchedPool } from './watched-pool.js';

export interface DatabaseOptions {
  /** That of requests unless set. */
  readonly patience?: Patience;
  /** It stopped answering, or answers again. */
  readonly onAway?: (isAway: boolean) => void;
  /** Some work failed because of it. */
  readonly onFailure?: (reason: DatabaseFailure) => void;
  readonly tracing?: Tracing;
}

/**
 * Opens PostgreSQL for the service.
 * @throws when the login could bypass row-level security, or migrations are missing.
 */
export async function openPostgres(
  { url, poolSize, timeoutMs }: PostgresConfig,
  quotas: Quotas,
  {
    onAway = () => {},
    onFailure = () => {},
    patience = forRequests(timeoutMs),
    tracing,
  }: DatabaseOptions = {},
): Promise<Database> {
  const logger = new Logger('PostgreSQL');
  const watch = PostgresWatch.of(url, patience, (isAway) => {
    logger.warn(isAway ? 'It does not answer: given a pause' : 'It answers again');
    onAway(isAway);
  });
  const pool = new WatchedPool(
    {
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: patience.connectMs,
      keepAlive: true,
    },
    watch,
  );
  pool.on('error', (error) => logger.warn({ err: error }, 'An idle connection was lost'));
  const client = new PrismaClient({ adapter: new PrismaPg(pool) });
  const database = new Database(postgresEngine(pool), client, 'postgresql', quotas, {
    onClosed: () => watch.close(),
    onFailure,
    tracing,
  });
  try {
    await assertRoleIsBound(client);
    await assertMigrated(client);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
