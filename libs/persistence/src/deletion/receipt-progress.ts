import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';

export interface BatchOutcome {
  /** Rows gone, by store. */
  readonly removed: Readonly<Record<string, number>>;
  readonly lastId: string | null;
  readonly done: boolean;
}

/**
 * Adds a batch to its receipt. When it was the last, what was to be deleted is forgotten (a filter may
 * name whom it is about), and the receipt waits for all index tasks queued so far.
 * @returns the memories deleted in all.
 */
export async function noteBatch(
  transaction: Transaction,
  { tenantId }: TenantScope,
  id: string,
  { removed, lastId, done }: BatchOutcome,
): Promise<number> {
  const [row] = await transaction.query<{ memories: number }[]>`
    UPDATE deletions d SET
      memories = d.memories + ${(removed['memories'] ?? 0) + (removed['archived_memories'] ?? 0)}::int,
      removed = (
        SELECT coalesce(jsonb_object_agg(name, total), '{}') FROM (
          SELECT name, sum(value::bigint) AS total FROM (
            SELECT * FROM jsonb_each_text(d.removed)
            UNION ALL SELECT * FROM jsonb_each_text(${JSON.stringify(removed)}::jsonb)
          ) counted (name, value) GROUP BY name
        ) totals),
      last_id = CASE WHEN ${done} THEN NULL ELSE ${lastId}::uuid END,
      changed_at = clock_timestamp(),
      target = CASE WHEN ${done} THEN NULL ELSE d.target END,
      status = CASE WHEN ${done} THEN 'pending' ELSE 'deleting' END,
      attempts = 0,
      deleted_at = CASE WHEN ${done} THEN clock_timestamp() END,
      removed_upto = CASE WHEN ${done} THEN (
        SELECT coalesce(max(o.id), 0) FROM index_outbox o WHERE o.tenant_id = ${tenantId}::uuid) END,
      available_at = CASE WHEN ${done} THEN now() ELSE now() + interval '10 seconds' END
    WHERE d.tenant_id = ${tenantId}::uuid AND d.id = ${id}::uuid
    RETURNING memories`;
  return row?.memories ?? 0;
}
