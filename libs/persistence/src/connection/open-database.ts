import type { AppConfig } from '@soma/config';
import type { Database } from './database.js';
import { openEmbedded } from './embedded-database.js';
import { type DatabaseOptions, openPostgres } from './postgres-database.js';

/** The database that the configuration names, migrated or checked, and ready. */
export function openDatabase(config: AppConfig, options?: DatabaseOptions): Promise<Database> {
  return config.postgres
    ? openPostgres(config.postgres, config.quotas, options)
    : openEmbedded(config.dataDir, config.quotas, options);
}
