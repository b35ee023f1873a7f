import type { TenantScope } from '@soma/core';
import type { Leftovers } from '@soma/deletion';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';

/** Of a deleted memory or tenant these alone are kept, and say nothing of what it held. */
const KEPT = ['audit_events', 'audit_memories', 'deletions', 'deletion_memories'];

/**
 * Counts rows that name one of these memories, in every table that has a tenant and a column for a
 * memory's id, an entry's or a link's end, also in tables that came after this was written.
 */
export async function rowsOfMemories(
  transaction: Transaction,
  scope: TenantScope,
  ids: { readonly memories: readonly string[]; readonly entries: readonly string[] },
): Promise<Leftovers> {
  const tables = await tablesOfTenants(transaction);
  return countRows(
    transaction,
    tables.flatMap(({ table, columns }) => {
      const named = columns.flatMap((column) => {
        const sought = SOUGHT[column]?.(table, ids);
        return sought === undefined
          ? []
          : [Prisma.sql`${Prisma.raw(`"${column}"`)} = ANY (${sought}::uuid[])`];
      });
      return named.length === 0 ? [] : [countOf(scope, table, Prisma.join(named, ' OR '))];
    }),
  );
}

/** Counts all rows of the tenant, by table. */
export async function rowsOfTenant(
  transaction: Transaction,
  scope: TenantScope,
): Promise<Leftovers> {
  const tables = await tablesOfTenants(transaction);
  return countRows(
    transaction,
    tables.map(({ table }) => countOf(scope, table, Prisma.sql`true`)),
  );
}

/** Tables whose id is a memory's. */
const KEYED_BY_MEMORY = ['memories', 'archived_memories', 'quarantined_writes'];

type Sought = (
  table: string,
  ids: { readonly memories: readonly string[]; readonly entries: readonly string[] },
) => readonly string[] | undefined;

const memories: Sought = (_table, ids) => ids.memories;

/** What a column of this name holds. */
const SOUGHT: Readonly<Record<string, Sought>> = {
  id: (table, ids) => (KEYED_BY_MEMORY.includes(table) ? ids.memories : undefined),
  memory_id: memories,
  node_id: memories,
  source_id: memories,
  item_id: memories,
  merged_into: memories,
  first_id: memories,
  from_id: memories,
  to_id: memories,
  superseded_by: memories,
  entry_id: (_table, ids) => [...ids.entries, ...ids.memories],
};

async function tablesOfTenants(
  transaction: Transaction,
): Promise<{ table: string; columns: string[] }[]> {
  return transaction.query<{ table: string; columns: string[] }[]>`
    SELECT c.relname::text AS table, array_agg(a.attname::text) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname <> ALL (${KEPT}::text[]) AND has_table_privilege(c.oid, 'SELECT')
    GROUP BY c.relname HAVING 'tenant_id' = ANY (array_agg(a.attname::text)) ORDER BY 1`;
}

const countOf = ({ tenantId }: TenantScope, table: string, where: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`SELECT ${table}::text AS name, count(*)::int AS found
    FROM ${Prisma.raw(`"${table}"`)} WHERE tenant_id = ${tenantId}::uuid AND (${where})`;

async function countRows(
  transaction: Transaction,
  counts: readonly Prisma.Sql[],
): Promise<Leftovers> {
  const rows = await transaction.query<{ name: string; found: number }[]>`
    ${Prisma.join([...counts], ' UNION ALL ')}`;
  return Object.fromEntries(rows.map(({ name, found }) => [name, found]));
}
