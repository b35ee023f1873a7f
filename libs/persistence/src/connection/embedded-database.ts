import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { PrismaClient } from '../generated/client.js';
import { migrate } from '../migrations/migrate.js';
import { Database } from './database.js';
import { lockDataFolder } from './data-folder-lock.js';
import { startUpkeep } from './embedded-upkeep.js';
import { pgliteEngine } from './pglite-engine.js';

/** Opens, and brings up to date, the database kept in `dataDir`; one process at a time. */
export async function openEmbedded(dataDir: string): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(dataDir);
  try {
    const engine = await PGlite.create({ dataDir: join(dataDir, 'postgres') });
    await migrate({
      exec: async (sql) => void (await engine.exec(sql)),
      query: async (sql, parameters) =>
        (await engine.query<Record<string, unknown>>(sql, [...parameters])).rows,
    });
    const client = new PrismaClient({ adapter: new PrismaPGlite(engine) });
    const stopUpkeep = startUpkeep(engine);
    return new Database(pgliteEngine(engine, stopUpkeep), client, 'pglite', unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}
