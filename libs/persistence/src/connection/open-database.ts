import type { AppConfig } from '@soma/config';
import type { Database } from './database.js';
import { openEmbedded } from './embedded-database.js';
import { openPostgres } from './postgres-database.js';

/** The database that the configuration names, migrated or checked, and ready. */
export function openDatabase(config: AppConfig): Promise<Database> {
  return config.postgres
    ? openPostgres(config.postgres.url, config.postgres.poolSize)
    : openEmbedded(config.dataDir);
}
