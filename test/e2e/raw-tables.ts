import { Database } from '@soma/persistence';
import { Client } from 'pg';
import { withDatabase } from '../integration/own-database.js';
import { eventually } from './eventually.js';
import type { Service } from './service.js';

type Rows = Record<string, unknown>[];
type Ask = (sql: string) => Promise<Rows>;

/** Asks the database itself, past every role and policy. */
export async function askRaw<Result>(
  service: Service,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const { postgres } = service.infrastructure.config;
  const server = process.env['SOMA_POSTGRES_OWNER_URL'];
  if (!postgres || server === undefined) {
    return service.provided(Database).withSystem(async (transaction) => {
      await transaction.$executeRawUnsafe('RESET ROLE');
      return work((sql) => transaction.$queryRawUnsafe<Rows>(sql));
    });
  }
  // The login of the test servers, which no policy binds; the database is the service's own.
  const database = new URL(postgres.url).pathname.slice(1);
  const client = new Client({ connectionString: withDatabase(server, database) });
  await client.connect();
  try {
    return await work(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
  } finally {
    await client.end();
  }
}

/**
 * In which tables of the schema, whichever there are, a row has one of these texts in any column. A
 * row is compared as a whole, so that no column can be forgotten.
 */
export function tablesWith(service: Service, needles: readonly string[]): Promise<string[]> {
  const listed = needles.map((needle) => `'${needle.replaceAll("'", "''")}'`).join(', ');
  return askRaw(service, async (ask) => {
    const tables = await ask(`
      SELECT quote_ident(relname) AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm') ORDER BY 1`);
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await ask(`
        SELECT 1 FROM ${String(name)} t
        WHERE EXISTS (SELECT 1 FROM unnest(ARRAY[${listed}]) n WHERE strpos(t::text, n) > 0) LIMIT 1`);
      if (rows.length > 0) found.push(String(name));
    }
    return found;
  });
}

/** Who was shown a memory can be asked of one that is gone: its id stays there, and nothing it said. */
export const AUDIT = ['audit_events', 'audit_memories'];

/** `tablesWith`, once both tables of the audit are among them: recalls are written down a quarter of a second later. */
export const tablesOnceAudited = (service: Service, needles: readonly string[]) =>
  eventually(
    () => tablesWith(service, needles),
    (tables) => AUDIT.every((table) => tables.includes(table)),
  );

export interface RawEntry {
  readonly memoryId: string;
  readonly entryId: string;
  readonly model: string;
  readonly namespace: string;
  /** As the database writes it: hex of float32, little-endian. */
  readonly vector: string;
}

export function entriesOf(service: Service, memoryIds: readonly string[]): Promise<RawEntry[]> {
  const listed = memoryIds.map((id) => `'${id}'`).join(', ');
  return askRaw(service, async (ask) => {
    const rows = await ask(`
      SELECT memory_id::text AS "memoryId", entry_id::text AS "entryId", model, namespace,
        encode(vector, 'hex') AS vector FROM embeddings WHERE memory_id IN (${listed})`);
    return rows.map((row) => ({
      memoryId: String(row['memoryId']),
      entryId: String(row['entryId']),
      model: String(row['model']),
      namespace: String(row['namespace']),
      vector: String(row['vector']),
    }));
  });
}
