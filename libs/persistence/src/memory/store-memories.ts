import { SomaError, type TenantScope } from '@soma/core';
import type { MemoryDraft } from '@soma/memory';
import { appendEventOf } from '../audit/audit-row.js';
import type { Transaction } from '../connection/transaction.js';
import { sealColumns, type Sealing } from '../encryption/sealing.js';
import { Prisma } from '../generated/client.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-row.js';
import { TIER_OF_TYPE, VERSION_SNAPSHOT } from './memory-version-sql.js';

/**
 * Writes drafts of distinct coordinates: new memories, or the next version where a coordinate is
 * taken; and the version rows. Rows are taken in coordinate order, so that two writers of the same
 * coordinates wait for each other instead of deadlocking.
 */
export async function upsertMemories(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
  { now, sealing }: { readonly now: Date; readonly sealing: Sealing },
): Promise<MemoryRow[]> {
  const taken = sealing.isOn ? await idsAt(transaction, scope, drafts) : new Map<string, string>();
  const idOf = (draft: MemoryDraft): string => taken.get(addressOf(draft)) ?? draft.id;
  const columns = drafts.map((draft) => sealColumns(sealing, idOf(draft), memoryColumns(draft)));
  const rows = await transaction.query<MemoryRow[]>`
    WITH m AS (
      INSERT INTO memories AS stored (tenant_id, id, namespace, coordinate, coordinate_values,
        memory_type, tier, content, payload, metadata, tags, importance, pinned, dedup, prediction,
        session_id, speaker, occurred_at, expires_at, source, trust, written_by, slot, valid_from, created_at,
        updated_at, sealed_content, sealed_payload, sealed_metadata, sealed_prediction)
      SELECT ${scope.tenantId}::uuid, d.id, d.namespace, d.coordinate, d.coordinate_values,
        d.memory_type, ${TIER_OF_TYPE}, d.content, d.payload, d.metadata, d.tags, d.importance,
        d.pinned, coalesce(d.dedup, 'allow'), d.prediction, d.session_id, d.speaker, d.occurred_at, d.expires_at, d.source, d.trust,
        ${scope.writer.tokenId}, d.slot, d.valid_from, ${now}, ${now},
        decode(d.sealed_content, 'base64'), decode(d.sealed_payload, 'base64'),
        decode(d.sealed_metadata, 'base64'), decode(d.sealed_prediction, 'base64')
      FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) AS d (
        id uuid, namespace text, coordinate text, coordinate_values float8[], memory_type text,
        content text, payload jsonb, metadata jsonb, tags text[], importance float8,
        pinned boolean, dedup text, prediction text, session_id text, speaker text, occurred_at timestamptz,
        expires_at timestamptz, source jsonb, trust float8, slot text, valid_from timestamptz,
        sealed_content text, sealed_payload text, sealed_metadata text, sealed_prediction text)
      ORDER BY d.namespace, d.coordinate COLLATE "C"
      ON CONFLICT (tenant_id, namespace, coordinate) DO UPDATE SET
        memory_type = excluded.memory_type, tier = excluded.tier, content = excluded.content,
        payload = excluded.payload, metadata = excluded.metadata, tags = excluded.tags,
        importance = excluded.importance, pinned = excluded.pinned, dedup = excluded.dedup,
        prediction = excluded.prediction, session_id = excluded.session_id, speaker = excluded.speaker,
        occurred_at = excluded.occurred_at, expires_at = excluded.expires_at,
        source = excluded.source, trust = excluded.trust, written_by = excluded.written_by,
        slot = excluded.slot, valid_from = excluded.valid_from,
        sealed_content = excluded.sealed_content, sealed_payload = excluded.sealed_payload,
        sealed_metadata = excluded.sealed_metadata, sealed_prediction = excluded.sealed_prediction,
        version = stored.version + 1, updated_at = excluded.updated_at
        WHERE NOT stored.derived
      RETURNING *
    ), versions AS (
      INSERT INTO memory_versions (tenant_id, memory_id, version, snapshot, created_at, written_by)
      SELECT m.tenant_id, m.id, m.version, ${VERSION_SNAPSHOT}, m.updated_at, m.written_by FROM m
    ), audited AS (${storedEvent(scope)})
    SELECT ${MEMORY_COLUMNS} FROM m`;
  if (rows.length < drafts.length) throw isDerived();
  if (!sealing.isOn) return rows;
  const draftAt = new Map(drafts.map((draft) => [addressOf(draft), draft]));
  const overtaken = rows.flatMap((row) => {
    const draft = draftAt.get(addressKey(row));
    return draft && idOf(draft) !== row.id ? [{ row, draft }] : [];
  });
  await sealAnew(transaction, scope, overtaken, sealing);
  return rows;
}

/** One event for all of `m`, however many. */
const storedEvent = (scope: TenantScope): Prisma.Sql =>
  appendEventOf(
    scope,
    { action: 'memories.store', targetKind: 'memories', outcome: 'done' },
    {
      target: Prisma.sql`''`,
      details: Prisma.sql`jsonb_build_object('memories', count(*) FILTER (WHERE m.version = 1),
        'versions', count(*) FILTER (WHERE m.version > 1))`,
      memoryIds: Prisma.sql`array_agg(m.id ORDER BY m.id)`,
      from: Prisma.sql`FROM m HAVING count(*) > 0`,
    },
  );

/** A derived memory says what its sources say, and nothing else. */
export const isDerived = (): SomaError =>
  new SomaError(
    'MEMORY_DERIVED',
    'The service derives the memory there from others; change or delete those, or store elsewhere.',
  );

interface Overtaken {
  readonly row: MemoryRow;
  readonly draft: MemoryDraft;
}

/**
 * Another writer took the coordinate between the look at who holds it and the write: what was sealed
 * for our id is sealed for that memory's, in the row that this transaction holds.
 */
async function sealAnew(
  transaction: Transaction,
  scope: TenantScope,
  overtaken: readonly Overtaken[],
  sealing: Sealing,
): Promise<void> {
  for (const { row, draft } of overtaken) {
    const { content, payload, metadata, prediction } = draft;
    const sealed = sealColumns(sealing, row.id, { content, payload, metadata, prediction });
    const [bytes] = await transaction.query<Sealed[]>`
      WITH m AS (
        UPDATE memories SET sealed_content = decode(${sealed.sealed_content ?? null}::text, 'base64'),
          sealed_payload = decode(${sealed.sealed_payload ?? null}::text, 'base64'),
          sealed_metadata = decode(${sealed.sealed_metadata ?? null}::text, 'base64'),
          sealed_prediction = decode(${sealed.sealed_prediction ?? null}::text, 'base64')
        WHERE tenant_id = ${scope.tenantId}::uuid AND id = ${row.id}::uuid RETURNING *
      ), versions AS (
        UPDATE memory_versions v SET snapshot = ${VERSION_SNAPSHOT} FROM m
        WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = m.id
          AND v.version = m.version
      )
      SELECT sealed_content, sealed_payload, sealed_metadata, sealed_prediction FROM m`;
    Object.assign(row, bytes);
  }
}

type Sealed = Pick<MemoryRow, Extract<keyof MemoryRow, `sealed_${string}`>>;

async function idsAt(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
): Promise<Map<string, string>> {
  const places = drafts.map(({ namespace, coordinate }) => ({
    namespace,
    coordinate: coordinate.text,
  }));
  const rows = await transaction.query<{ id: string; namespace: string; coordinate: string }[]>`
    SELECT found.* FROM jsonb_to_recordset(${JSON.stringify(places)}::jsonb)
      AS d (namespace text, coordinate text), LATERAL (
      SELECT m.id, m.namespace, m.coordinate FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = d.namespace
        AND m.coordinate = d.coordinate LIMIT 1) found`;
  return new Map(rows.map((row) => [addressKey(row), row.id]));
}

/** A coordinate in its namespace. */
export const addressKey = (at: { namespace: string; coordinate: string }): string =>
  JSON.stringify([at.namespace, at.coordinate]);

export const addressOf = ({ namespace, coordinate }: MemoryDraft): string =>
  addressKey({ namespace, coordinate: coordinate.text });

function memoryColumns(draft: MemoryDraft) {
  const { coordinate, links: _links, embedding: _embedding, ...columns } = draft;
  return { ...columns, coordinate: coordinate.text, coordinate_values: coordinate.values };
}
