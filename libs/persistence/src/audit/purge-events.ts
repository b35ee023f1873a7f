import { tenantId, TenantScope } from '@soma/core';
import { Prisma } from '../generated/client.js';
import { appendEvent } from './audit-row.js';
import { holdChain } from './chain-events.js';

/** Purged at once. */
const BATCH = 2_000;

interface OldRow {
  sequence: string;
  hash: string;
  action: string;
  old: boolean;
}

/** Whose chain there is after `last`; by the index, for there are more events than tenants. */
export async function nextChain(
  transaction: Prisma.TransactionClient,
  last: string | undefined,
): Promise<string | undefined> {
  const rest = last === undefined ? Prisma.empty : Prisma.sql`WHERE a.tenant_id > ${last}::uuid`;
  const [row] = await transaction.$queryRaw<{ tenant_id: string }[]>`
    SELECT a.tenant_id FROM audit_events a ${rest} ORDER BY a.tenant_id, a.id LIMIT 1`;
  return row?.tenant_id;
}

/**
 * Deletes old events from the beginning of a tenant's chain, but not its last one, to which the next is
 * chained; nor where there are only earlier purges to purge. @returns how many.
 */
export async function purgeTenant(
  transaction: Prisma.TransactionClient,
  tenant: string,
  before: Date,
): Promise<number> {
  if (!(await holdChain(transaction, tenant))) return 0;
  const rows = await transaction.$queryRaw<OldRow[]>`
    SELECT a.sequence::text AS sequence, encode(a.hash, 'hex') AS hash, a.action,
      a.occurred_at < least(${before}::timestamptz, now() - interval '1 day') AS old
    FROM audit_events a WHERE a.tenant_id = ${tenant}::uuid AND a.sequence IS NOT NULL
    ORDER BY a.sequence LIMIT ${BATCH + 1}`;
  const young = rows.findIndex(({ old }) => !old);
  const purged = rows.slice(0, young === -1 ? -1 : young);
  const end = purged.at(-1);
  if (!end || purged.every(({ action }) => action === PURGE)) return 0;
  const ofPurged = Prisma.sql`a.tenant_id = ${tenant}::uuid
    AND a.sequence <= ${end.sequence}::bigint`;
  await transaction.$executeRaw`
    DELETE FROM audit_memories m USING audit_events a, unnest(a.memory_ids) AS named (id)
    WHERE ${ofPurged} AND m.tenant_id = ${tenant}::uuid AND m.memory_id = named.id
      AND m.event_id = a.id`;
  await transaction.$executeRaw`DELETE FROM audit_events a WHERE ${ofPurged}`;
  await transaction.$executeRaw(
    appendEvent(TenantScope.of(tenantId(tenant)), {
      action: PURGE,
      targetKind: 'audit',
      target: '',
      outcome: 'done',
      details: { through: Number(end.sequence), hash: end.hash, events: purged.length },
    }),
  );
  return purged.length;
}

export const PURGE = 'audit.purge';
