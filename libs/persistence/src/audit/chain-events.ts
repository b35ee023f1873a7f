import { CHAIN_START, hashOfEvent } from '@soma/audit';
import { Prisma } from '../generated/client.js';
import { AUDIT_COLUMNS, type AuditRow, eventOfRow } from './audit-row.js';

/** Half of the name of the advisory locks under which a tenant's events are chained, and purged. */
const CHAINING = 0x50a0d1;
/** Ids of memories entered at once: of the embedded database, which does one thing at a time. */
const MOST_IDS = 5_000;

/** Whether this transaction is the one that may work on the tenant's chain now. */
export async function holdChain(
  transaction: Prisma.TransactionClient,
  tenant: string,
): Promise<boolean> {
  const [lock] = await transaction.$queryRaw<{ held: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(${CHAINING}::int, hashtext(${tenant})) AS held`;
  return lock?.held ?? false;
}

/** Numbers and hashes up to `limit` events, and enters which memories they name. @returns how many. */
export async function chainTenant(
  transaction: Prisma.TransactionClient,
  tenant: string,
  limit: number,
): Promise<number> {
  if (!(await holdChain(transaction, tenant))) return 0;
  const rows = fewOf(
    await transaction.$queryRaw<AuditRow[]>`
      SELECT ${AUDIT_COLUMNS} FROM audit_events a
      WHERE a.tenant_id = ${tenant}::uuid AND a.sequence IS NULL ORDER BY a.id LIMIT ${limit}`,
  );
  const [head] = await transaction.$queryRaw<{ sequence: string; hash: string }[]>`
    SELECT a.sequence::text AS sequence, encode(a.hash, 'hex') AS hash FROM audit_events a
    WHERE a.tenant_id = ${tenant}::uuid AND a.sequence IS NOT NULL
    ORDER BY a.sequence DESC LIMIT 1`;
  let [sequence, previous] = [Number(head?.sequence ?? 0), head?.hash ?? CHAIN_START];
  const links = rows.map((row) => {
    sequence += 1;
    const link = { id: row.id, sequence, previous, hash: '' };
    previous = link.hash = hashOfEvent(eventOfRow(row), sequence, previous);
    return link;
  });
  await transaction.$executeRaw`
    WITH chained AS (
      UPDATE audit_events a SET sequence = l.sequence, previous_hash = decode(l.previous, 'hex'),
        hash = decode(l.hash, 'hex')
      FROM jsonb_to_recordset(${JSON.stringify(links)}::jsonb)
        AS l (id uuid, sequence bigint, previous text, hash text)
      WHERE a.tenant_id = ${tenant}::uuid AND a.id = l.id
      RETURNING a.id, a.memory_ids
    )
    INSERT INTO audit_memories (tenant_id, memory_id, event_id)
    SELECT ${tenant}::uuid, m.id, c.id FROM chained c, unnest(c.memory_ids) AS m (id)
    ON CONFLICT DO NOTHING`;
  return rows.length;
}

function fewOf(rows: readonly AuditRow[]): readonly AuditRow[] {
  let ids = 0;
  const full = rows.findIndex(
    (row, index) => (ids += row.memory_ids.length) > MOST_IDS && index > 0,
  );
  return full === -1 ? rows : rows.slice(0, full);
}
