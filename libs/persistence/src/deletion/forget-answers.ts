import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';

/** Takes back the kept answers that tell of memories, or of writes in quarantine. @returns how many. */
export function forgetAnswers(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<number> {
  return transaction.execute`
    WITH told AS (
      DELETE FROM answered_memories
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[]) RETURNING key
    )
    UPDATE idempotency_keys SET response = NULL, sealed_response = NULL, answer_deleted = true
    WHERE tenant_id = ${scope.tenantId}::uuid AND key IN (SELECT key FROM told)`;
}
