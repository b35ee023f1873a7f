import type { MemoryId, TenantScope } from '@soma/core';
import type { Memory } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { MEMORY_COLUMNS, memoryOfRow, type MemoryRow, NOT_EXPIRED } from './memory-row.js';

/** The memories of these ids that exist and are not expired, in any order. */
export async function readMemories(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly MemoryId[],
): Promise<Memory[]> {
  const rows = await transaction.query<MemoryRow[]>`
    SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT ${MEMORY_COLUMNS} FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id AND ${NOT_EXPIRED}
      LIMIT 1) found`;
  return rows.map(memoryOfRow);
}
