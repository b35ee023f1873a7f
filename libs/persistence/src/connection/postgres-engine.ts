import { SomaError } from '@soma/core';
import type { Pool, PoolClient } from 'pg';
import { PreparedStatements } from './prepared-statements.js';
import type { SqlConnection, SqlEngine } from './sql-engine.js';

/** A pool of PostgreSQL connections; a connection that failed in a transaction is not reused. */
export function postgresEngine(pool: Pool): SqlEngine {
  const prepared = new PreparedStatements();
  return {
    transaction: async (setUp, work) => {
      const client = await pool.connect();
      try {
        await client.query(`BEGIN; ${setUp}`);
        const result = await work(connectionOf(client, prepared));
        await client.query('COMMIT');
        client.release();
        return result;
      } catch (error) {
        await rollBack(client);
        throw error;
      }
    },
    copy: () =>
      Promise.reject(
        new SomaError(
          'BACKUP_ELSEWHERE',
          'The data of this service is in PostgreSQL, which is backed up by pg_dump and not through the ' +
            'API: set SOMA_POSTGRES_URL and SOMA_POSTGRES_OWNER_URL for `soma admin backup --out <file>`.',
        ),
      ),
    close: () => pool.end(),
  };
}

function connectionOf(client: PoolClient, prepared: PreparedStatements): SqlConnection {
  return {
    run: async (text, values) => {
      const name = prepared.nameOf(text);
      const { rows, rowCount } = await client.query<object>({ name, text, values: [...values] });
      return { rows, affected: rowCount ?? 0 };
    },
  };
}

async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch {
    client.release(true);
  }
}
