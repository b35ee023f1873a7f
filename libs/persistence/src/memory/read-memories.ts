import type { MemoryId, TenantScope } from '@soma/core';
import type { Memory } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import type { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { MEMORY_COLUMNS, memoryOfRow, type MemoryRow, NOT_EXPIRED } from './memory-row.js';

/** The memories of these ids that exist, are not expired and meet the condition, on a table `m`, in any order. */
export async function readMemories(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly MemoryId[],
  { cipher, condition = Prisma.sql`true` }: { cipher: RowCipher; condition?: Prisma.Sql },
): Promise<Memory[]> {
  const rows = await transaction.query<MemoryRow[]>`
    SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT ${MEMORY_COLUMNS} FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id AND ${NOT_EXPIRED}
        AND ${condition}
      LIMIT 1) found`;
  return (await cipher.open(scope, rows)).map(memoryOfRow);
}
