import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { removeQuarantined } from '../quarantine/remove-quarantined.js';
import type { ReceiptRef } from './remove-memories.js';
import { Prisma } from '../generated/client.js';

/** Forgets a namespace that nothing is in any more; one that was written to meanwhile stays. */
export async function dropNamespace(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
): Promise<Record<string, number>> {
  const dropped = await transaction.execute`
    DELETE FROM lexical_stats s
    WHERE s.tenant_id = ${scope.tenantId}::uuid AND s.namespace = ${namespace}
      AND NOT EXISTS (SELECT 1 FROM memories m
        WHERE m.tenant_id = s.tenant_id AND m.namespace = s.namespace)`;
  if (dropped === 0) return { namespaces: 0 };
  await transaction.execute`
    DELETE FROM session_stats
    WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}`;
  for (const table of ['hierarchy_marks', 'hierarchy_turns']) {
    await transaction.execute`
      DELETE FROM ${Prisma.raw(table)}
      WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}`;
  }
  return { namespaces: dropped };
}

/** What was to be released into a namespace goes with it. */
export async function dropQuarantined(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  receipt: ReceiptRef,
): Promise<Record<string, number>> {
  const rows = await transaction.query<{ id: string }[]>`
    SELECT q.id FROM quarantined_writes q
    WHERE q.tenant_id = ${scope.tenantId}::uuid AND q.namespace = ${namespace}`;
  const ids = rows.map(({ id }) => id);
  return removeQuarantined(transaction, scope, ids, receipt);
}
