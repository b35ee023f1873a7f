import type { DatabaseContents } from '@soma/backup';

/** Asks one database, in one transaction, with rights to read every row. */
export type Ask = (sql: string) => Promise<Record<string, unknown>[]>;

/** What `ask` sees now: versions, migrations, models, and the rows of every table. */
export async function readContents(ask: Ask): Promise<DatabaseContents> {
  const [version] = await ask('SHOW server_version');
  const migrations = await ask(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  );
  const models = await ask('SELECT model, count(*)::text AS vectors FROM embeddings GROUP BY 1');
  return {
    server_version: String(version?.['server_version']).split(' ')[0] ?? '',
    migrations: migrations.map(({ name, checksum }) => ({
      name: String(name),
      checksum: String(checksum),
    })),
    embedding_models: Object.fromEntries(
      models.map(({ model, vectors }) => [String(model), Number(vectors)]),
    ),
    rows: await countRows(ask),
  };
}

/** Rows of every table but the history of migrations, which a restore writes anew. */
export async function countRows(ask: Ask): Promise<Record<string, number>> {
  const tables = await ask(
    `SELECT tablename AS name FROM pg_tables
     WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1`,
  );
  const rows: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await ask(`SELECT count(*)::text AS rows FROM public."${String(name)}"`);
    rows[String(name)] = Number(row?.['rows']);
  }
  return rows;
}
