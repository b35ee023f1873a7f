import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';

/** The nodes that stand on memories, directly or by others. */
export async function ancestorsOf(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await transaction.query<{ id: string }[]>`
    WITH RECURSIVE above AS (
      SELECT s.node_id AS id FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
        SELECT node_id FROM memory_sources
        WHERE tenant_id = ${scope.tenantId}::uuid AND source_id = asked.id LIMIT 1000000) s
      UNION
      SELECT s.node_id FROM above a, LATERAL (
        SELECT node_id FROM memory_sources
        WHERE tenant_id = ${scope.tenantId}::uuid AND source_id = a.id LIMIT 1000000) s
    )
    SELECT id FROM above ORDER BY id`;
  return rows.map(({ id }) => id);
}

/** Takes items out of the levels above one, and marks where they stood. */
export async function takeDown(
  transaction: Transaction,
  scope: TenantScope,
  { ids, above }: { readonly ids: readonly string[]; readonly above: number },
): Promise<number> {
  if (ids.length === 0) return 0;
  return transaction.execute`
    WITH gone AS (
      DELETE FROM hierarchy_items WHERE tenant_id = ${scope.tenantId}::uuid
        AND item_id = ANY (${ids}::uuid[]) AND level > ${above}
      RETURNING namespace, level, at, arrived
    )
    INSERT INTO hierarchy_marks (tenant_id, namespace, level, at, arrived)
    SELECT ${scope.tenantId}::uuid, namespace, level, at, arrived FROM gone`;
}
