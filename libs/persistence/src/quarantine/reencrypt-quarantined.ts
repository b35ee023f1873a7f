import { OUTDATED, type Reencrypting } from '../encryption/outdated-rows.js';
import { Prisma } from '../generated/client.js';
import { snapshotsOf, type StoredRow } from './open-snapshots.js';
import { keptAs } from './quarantine-drafts.js';

/** Writes that are kept in quarantine. */
export async function reencryptQuarantined(work: Reencrypting): Promise<string[]> {
  const { transaction, scope, cipher, after, limit } = work;
  const sealing = await cipher.sealing(transaction, scope);
  const next = after === '' ? Prisma.empty : Prisma.sql`AND q.id > ${after}::uuid`;
  const rows = await transaction.query<StoredRow[]>`
    SELECT q.id, q.snapshot FROM quarantined_writes q
    WHERE q.tenant_id = ${scope.tenantId}::uuid ${next} AND ${OUTDATED.quarantined(sealing.wanted)}
    ORDER BY q.id LIMIT ${limit} FOR UPDATE`;
  const columns = (await snapshotsOf(scope, rows, cipher)).map(({ row: { id }, snapshot }) => ({
    id,
    snapshot: keptAs(id, snapshot, sealing),
  }));
  await transaction.execute`
    UPDATE quarantined_writes q SET snapshot = d.snapshot
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) AS d (id uuid, snapshot jsonb)
    WHERE q.tenant_id = ${scope.tenantId}::uuid AND q.id = d.id`;
  return rows.map(({ id }) => id);
}
