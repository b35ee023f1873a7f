import type { PGlite } from '@electric-sql/pglite';
import { Logger } from '@nestjs/common';

const INTERVAL_MS = 15_000;
/** When autovacuum would analyze: 50 rows and a tenth of the table have changed. */
const STALE_TABLES = `
  SELECT relname AS name FROM pg_stat_user_tables
  WHERE n_mod_since_analyze > 50 + 0.1 * n_live_tup ORDER BY relname`;

/**
 * Does what autovacuum does on a server and nobody in the embedded database: frees dead rows and
 * tells the planner how large the tables are.
 * @returns what stops it.
 */
export function startUpkeep(database: PGlite): () => void {
  const logger = new Logger('EmbeddedUpkeep');
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    vacuumStaleTables(database)
      .catch((error: unknown) => logger.warn({ err: error }, 'Upkeep failed; trying again later'))
      .finally(() => (isRunning = false));
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** @returns the names of the tables that were due. */
export async function vacuumStaleTables(database: PGlite): Promise<string[]> {
  // Counters are otherwise up to a second behind, or longer in a database that idles.
  await database.exec('SELECT pg_stat_force_next_flush()');
  const { rows } = await database.query<{ name: string }>(STALE_TABLES);
  for (const { name } of rows) await database.exec(`VACUUM (ANALYZE) "${name}"`);
  return rows.map(({ name }) => name);
}
