import type { TenantScope } from '@soma/core';
import type { StoredReceipt, TenantProgress } from '@soma/deletion';
import { v7 as uuidv7 } from 'uuid';
import { appendEvent } from '../audit/audit-row.js';
import type { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import { holdAllNamespaces } from '../memory/namespace-lock.js';
import { RECEIPT_COLUMNS, receiptOfRow, type ReceiptRow } from './receipt-row.js';
import { noteBatch } from './receipt-progress.js';
import { newSalt, nextBatch, removeMemories } from './remove-memories.js';

/** Above the time for which a process may take a token it has seen for valid, and a request may last. */
const TOKENS_FORGOTTEN = Prisma.sql`interval '7 seconds'`;

/** What a tenant has beside its memories. */
const REST = [
  'lexical_stats',
  'session_stats',
  'hierarchy_marks',
  'hierarchy_turns',
  'links',
  'archived_links',
  'memory_feedback',
  'decayed_fields',
  'decay_policies',
  'locks',
  'idempotency_keys',
  'tenant_encryption',
  'quarantined_writes',
] as const;

/** Hides the tenant, takes name and tokens, and opens the deletion; once, however often it is asked. */
export async function beginTenant(
  database: Database,
  scope: TenantScope,
): Promise<StoredReceipt | undefined> {
  return database.withSystem(async (transaction) => {
    const hidden = await transaction.$executeRaw`
      UPDATE tenants SET deleted_at = now(), name = 'deleted ' || id
      WHERE id = ${scope.tenantId}::uuid AND deleted_at IS NULL`;
    if (hidden > 0) {
      const id = uuidv7();
      const tokens = await transaction.$executeRaw`
        DELETE FROM tokens WHERE tenant_id = ${scope.tenantId}::uuid`;
      await transaction.$executeRaw`
        INSERT INTO deletions (tenant_id, id, kind, salt, target, removed)
        VALUES (${scope.tenantId}::uuid, ${id}::uuid, 'tenant', ${newSalt()},
          '{"kind": "tenant"}', ${JSON.stringify({ tokens })}::jsonb)`;
      await transaction.$executeRaw(
        appendEvent(scope, {
          action: 'tenants.delete',
          targetKind: 'tenant',
          target: scope.tenantId,
          outcome: 'accepted',
          details: { deletion: id, tokens },
        }),
      );
    }
    const rows = await transaction.$queryRaw<ReceiptRow[]>`
      SELECT ${RECEIPT_COLUMNS} FROM deletions d
      WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.kind = 'tenant'`;
    return rows[0] && receiptOfRow(rows[0], []);
  });
}

/** Deletes a batch of memories; once there are none, and no token is left anywhere, all the rest. */
export function advanceTenant(
  database: Database,
  scope: TenantScope,
  id: string,
): Promise<TenantProgress> {
  const ofTenant = Prisma.sql`tenant_id = ${scope.tenantId}::uuid`;
  return database.withTenant(scope, async (transaction) => {
    await holdAllNamespaces(transaction, scope);
    await transaction.execute`DELETE FROM legal_holds WHERE ${ofTenant}`;
    const { ids, last } = await nextBatch(transaction, ofTenant, null);
    const removed = await removeMemories(transaction, scope, ids);
    // With the first batch: what is encrypted cannot be read from then on, whatever is still there.
    const keys = await transaction.execute`DELETE FROM tenant_keys WHERE ${ofTenant}`;
    if (keys > 0) {
      removed['tenant_keys'] = keys;
      await transaction.execute`${appendEvent(scope, {
        action: 'encryption.destroy_keys',
        targetKind: 'encryption',
        target: scope.tenantId,
        outcome: 'done',
        details: { keys },
      })}`;
    }
    const [row] = await transaction.query<{ forgotten: boolean }[]>`
      SELECT requested_at < now() - ${TOKENS_FORGOTTEN} AS forgotten FROM deletions
      WHERE ${ofTenant} AND id = ${id}::uuid`;
    const done = last && row?.forgotten === true;
    if (done) {
      for (const table of REST) {
        removed[table] = await transaction.execute`
          DELETE FROM ${Prisma.raw(table)} WHERE ${ofTenant}`;
      }
      removed['pending_embeddings'] = await transaction.execute`
        DELETE FROM index_outbox WHERE ${ofTenant} AND operation = 'embed'`;
    }
    await noteBatch(transaction, scope, id, { removed, lastId: null, done });
    if (done) return 'done';
    return last ? 'waiting' : 'more';
  });
}

/** The tenant's row, on which what came meanwhile hangs, and its line in the last report. */
export async function dropTenant(database: Database, { tenantId }: TenantScope): Promise<void> {
  await database.withSystem(async (transaction) => {
    await transaction.$executeRaw`DELETE FROM tenants WHERE id = ${tenantId}::uuid`;
    await transaction.$executeRaw`
      UPDATE reconcile_report SET report = jsonb_set(report, '{tenants}', coalesce((
        SELECT jsonb_agg(t) FROM jsonb_array_elements(report -> 'tenants') t
        WHERE t ->> 'tenant_id' <> ${tenantId}), '[]'))`;
  });
}
