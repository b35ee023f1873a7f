import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import type { ValidityColumn } from './fact-sql.js';
import type { MemoryRow } from './memory-row.js';

/** Gives rows that a statement returned the intervals of their facts, which it could not see yet. */
export async function readValidity(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly MemoryRow[],
): Promise<void> {
  const stating = rows.filter((row) => row.slot !== null);
  if (stating.length === 0) return;
  const found = await transaction.query<(ValidityColumn & { id: string })[]>`
    SELECT f.memory_id AS id, to_jsonb(f.valid_from) AS from, to_jsonb(f.valid_to) AS to,
      f.superseded_by AS by
    FROM unnest(${stating.map(({ id }) => id)}::uuid[]) AS asked (id), LATERAL (
      SELECT * FROM facts f
      WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = asked.id LIMIT 1) f`;
  const byId = new Map(found.map(({ id, ...validity }) => [id, validity]));
  for (const row of stating) row.validity = byId.get(row.id) ?? null;
}
