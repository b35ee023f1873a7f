import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { SqlEngine } from './sql-side.ts';

/** PGlite in this process over a data folder on disk that `close` removes. */
export async function openPglite(): Promise<SqlEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'soma-bare-'));
  const database = await PGlite.create(folder);
  return {
    name: 'PGlite',
    async exec(script) {
      await database.exec(script);
    },
    async query(_statement, sql, values) {
      return (await database.query<Record<string, unknown>>(sql, values)).rows;
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
