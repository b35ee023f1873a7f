import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { SqlEngine, Statement } from './sql-side.ts';

/** PostgreSQL by `pg`, in a schema of its own that `close` drops. `url` may create schemas. */
export async function openPostgres(url: string, clients: number): Promise<SqlEngine> {
  const schema = `bench_${randomBytes(6).toString('hex')}`;
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`CREATE SCHEMA ${schema}`);
  const pool = new pg.Pool({
    connectionString: url,
    max: clients,
    options: `-c search_path=${schema}`,
  });
  return {
    name: 'PostgreSQL',
    async exec(script) {
      await pool.query(script);
    },
    async query(name: Statement, text, values) {
      return (await pool.query<Record<string, unknown>>({ name, text, values })).rows;
    },
    async close() {
      await pool.end();
      await owner.query(`DROP SCHEMA ${schema} CASCADE`);
      await owner.end();
    },
  };
}
