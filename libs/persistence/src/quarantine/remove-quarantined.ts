import type { TenantScope } from '@soma/core';
import { receiptHash } from '@soma/deletion';
import { textDigest } from '@soma/embedding';
import type { Transaction } from '../connection/transaction.js';
import { forgetAnswers } from '../deletion/forget-answers.js';
import type { ReceiptRef } from '../deletion/remove-memories.js';

interface RemovedRow {
  id: string;
  content: string | null;
}

/** Deletes writes in quarantine, with the answers that tell of them. @returns rows gone, by store. */
export async function removeQuarantined(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
  { id: receiptId, salt }: ReceiptRef,
): Promise<Record<string, number>> {
  if (ids.length === 0) return {};
  const answers = await forgetAnswers(transaction, scope, ids);
  const gone = await transaction.query<RemovedRow[]>`
    DELETE FROM quarantined_writes
    WHERE tenant_id = ${scope.tenantId}::uuid AND id = ANY (${ids}::uuid[])
    RETURNING id, snapshot ->> 'content' AS content`;
  const rows = gone.map(({ id, content }) => ({
    id,
    hash: receiptHash(salt, id),
    digests: content === null ? [] : [textDigest(content)],
  }));
  await transaction.execute`
    INSERT INTO deletion_memories (tenant_id, deletion_id, hash, memory_id, text_digests)
    SELECT ${scope.tenantId}::uuid, ${receiptId}::uuid, d.hash, d.id,
      ARRAY(SELECT jsonb_array_elements_text(d.digests))
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (id uuid, hash text, digests jsonb)`;
  return { quarantined_writes: gone.length, idempotency_answers: answers };
}
