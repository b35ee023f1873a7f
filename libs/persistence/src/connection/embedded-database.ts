import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { PrismaClient } from '../generated/client.js';
import { migrate } from '../migrations/migrate.js';
import { Database, type DatabaseEvents } from './database.js';
import { lockDataFolder } from './data-folder-lock.js';
import { startUpkeep } from './embedded-upkeep.js';
import type { Quotas } from './quota-failure.js';
import { pgliteEngine } from './pglite-engine.js';

/** Opens, and brings up to date, the database kept in `dataDir`; one process at a time. */
export async function openEmbedded(
  dataDir: string,
  quotas: Quotas,
  { onFailure, tracing }: Omit<DatabaseEvents, 'onClosed'> = {},
): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(dataDir);
  try {
    const engine = await PGlite.create({
      dataDir: join(dataDir, 'postgres'),
      parsers: { [types.TIMESTAMPTZ]: timestampOf },
    });
    await migrate({
      exec: async (sql) => void (await engine.exec(sql)),
      query: async (sql, parameters) =>
        (await engine.query<Record<string, unknown>>(sql, [...parameters])).rows,
    });
    const client = new PrismaClient({ adapter: new PrismaPGlite(engine) });
    const stopUpkeep = startUpkeep(engine);
    const own = pgliteEngine(engine, stopUpkeep);
    return new Database(own, client, 'pglite', quotas, { onClosed: unlock, onFailure, tracing });
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * What PGlite itself reads, `0020-02-29 00:00:00+00`, is no ISO text: of the first century it makes
 * years of ours, or none at all.
 */
function timestampOf(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'));
}
