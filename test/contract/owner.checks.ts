import type { IsolationCheck } from './isolation-check.js';

interface Counted {
  readonly n: number;
}

export const A_MODEL =
  "INSERT INTO embedding_models (model, state) VALUES ('m', 'building') RETURNING 1";

/** Of tables that have no row of themselves. */
const ROWS: Readonly<Record<string, string>> = {
  embedding_models: A_MODEL,
  reconcile_report: "INSERT INTO reconcile_report (id, report) VALUES (1, '{}')",
  tokens: `INSERT INTO tokens (id, tenant_id, name, secret_hash, scopes)
    SELECT 't', id, 't', '\\x00', '{}' FROM tenants LIMIT 1`,
};

/**
 * The tables' owner sees no row, and every row in a session that says it makes a backup. Where the
 * owner is a superuser, as in the embedded database, no policy binds it and none is made.
 */
export const ownerChecks = (tables: readonly string[]): IsolationCheck[] =>
  tables.map((table) => ({
    table,
    name: 'shows its owner rows for a backup alone',
    fault: async ({ run }) => {
      const row = ROWS[table];
      if (row !== undefined) await run(row);
      const count = async (): Promise<number> => {
        const { rows } = await run(`SELECT count(*)::int AS n FROM ${table}`);
        return (rows as Counted[])[0]?.n ?? 0;
      };
      const { rows } = await run(
        `SELECT t.tableowner AS owner FROM pg_tables t JOIN pg_roles r ON r.rolname = t.tableowner
         WHERE t.schemaname = 'public' AND t.tablename = '${table}' AND NOT r.rolsuper`,
      );
      const [bound] = rows as { owner: string }[];
      if (!bound) return undefined;
      const all = await count();
      await run(`SET LOCAL ROLE ${bound.owner}`);
      const plainly = await count();
      await run("SET LOCAL soma.backup = 'on'");
      const forBackup = await count();
      if (plainly === 0 && forBackup === all) return undefined;
      return `of ${all} rows the owner sees ${plainly}, and for a backup ${forBackup}`;
    },
  }));
