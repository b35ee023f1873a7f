import { SomaError, type TenantScope } from '@soma/core';
import type { DeletionTarget } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { NOT_HELD } from '../forgetting/salience-sql.js';
import { whereTarget } from '../memory/memory-where.js';

/** What of a target may go. */
export const notHeld = (scope: TenantScope, target: DeletionTarget): Prisma.Sql =>
  Prisma.sql`${whereTarget(scope, target)} AND ${NOT_HELD}`;

/**
 * Before the first batch: a deletion of which a part may not happen does not begin.
 * @throws SomaError MEMORY_ON_HOLD
 */
export async function assertNoneHeld(
  transaction: Transaction,
  scope: TenantScope,
  target: DeletionTarget,
): Promise<void> {
  const held = await transaction.query<{ id: string }[]>`
    SELECT m.id FROM legal_holds h, LATERAL (
      SELECT m.id FROM memories m
      WHERE m.id = h.memory_id AND ${whereTarget(scope, target)} LIMIT 1) m
    WHERE h.tenant_id = ${scope.tenantId}::uuid LIMIT 3`;
  refuse(held);
}

/** Of rows that are locked: a hold may have been placed between the look and the lock. */
export async function assertNoneHeldNow(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<void> {
  const held = await transaction.query<{ id: string }[]>`
    SELECT h.memory_id AS id FROM legal_holds h
    WHERE h.tenant_id = ${scope.tenantId}::uuid AND h.memory_id = ANY (${ids}::uuid[]) LIMIT 3`;
  refuse(held);
}

function refuse(held: readonly { id: string }[]): void {
  if (held.length === 0) return;
  throw new SomaError(
    'MEMORY_ON_HOLD',
    `A legal hold keeps ${held.map(({ id }) => id).join(', ')}, and maybe others of those named; ` +
      'nothing was deleted. Lift it with DELETE /memories/{address}/hold, or leave them out.',
  );
}
