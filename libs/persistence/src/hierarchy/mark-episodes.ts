import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import type { IndexEntryRow } from '../memory/index-entries.js';

/** The memories `m` whose changes the trigger marks. */
export const MARKED = Prisma.sql`(NOT m.derived AND m.memory_type = 'episodic'
  AND m.expires_at IS NULL)`;

/** Marks where episodes stand, or would. */
export async function markEpisodes(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await mark(transaction, scope, Prisma.sql`unnest(${ids}::uuid[]) AS asked (id)`);
}

/** Episodes that were grouped without a vector, and have one now, are grouped anew. */
export async function markVectors(
  transaction: Transaction,
  scope: TenantScope,
  entries: readonly IndexEntryRow[],
): Promise<void> {
  const made = entries.flatMap(({ memoryId, embedding }) =>
    embedding === 'pending' ? [] : [{ id: memoryId, model: embedding.model }],
  );
  if (made.length === 0) return;
  await mark(
    transaction,
    scope,
    Prisma.sql`jsonb_to_recordset(${JSON.stringify(made)}::jsonb) AS asked (id uuid, model text)
      JOIN embedding_models used ON used.model = asked.model AND used.state = 'active'`,
  );
}

async function mark(
  transaction: Transaction,
  scope: TenantScope,
  asked: Prisma.Sql,
): Promise<void> {
  await transaction.execute`
    INSERT INTO hierarchy_marks (tenant_id, namespace, level, session_key, at, arrived)
    SELECT ${scope.tenantId}::uuid, m.namespace, 0, m.session_key, m.happened_at, m.created_at
    FROM ${asked}, LATERAL (
      SELECT * FROM memories m WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id
        AND ${MARKED} LIMIT 1) m`;
}
