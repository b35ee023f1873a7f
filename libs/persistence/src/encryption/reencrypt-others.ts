import { Prisma } from '../generated/client.js';
import { linksOfRows, type LinkRow } from '../graph/link-row.js';
import { OUTDATED, type Reencrypting, tableOf } from './outdated-rows.js';
import type { StoredVector } from './row-cipher.js';
import { COLUMNS, linkColumn } from './sealing.js';

/** The metadata of links. */
export async function reencryptLinks(work: Reencrypting): Promise<string[]> {
  const { transaction, scope, cipher, after, limit } = work;
  const sealing = await cipher.sealing(transaction, scope);
  const ends = work.ids
    ? Prisma.sql`AND (l.from_id = ANY (${work.ids}::uuid[]) OR l.to_id = ANY (${work.ids}::uuid[]))`
    : Prisma.empty;
  const next = after === '' ? Prisma.empty : Prisma.sql`AND l.id > ${after}::uuid`;
  const rows = await transaction.query<LinkRow[]>`
    SELECT l.id, l.from_id, '' AS from_coord, l.to_id, '' AS to_coord, l.link_type, l.strength,
      l.metadata, l.sealed_metadata, l.created_at, l.updated_at
    FROM ${tableOf('links', work)} l WHERE l.tenant_id = ${scope.tenantId}::uuid ${next}
      ${ends}
      AND ${OUTDATED.links(sealing.wanted)}
    ORDER BY l.id LIMIT ${limit} FOR UPDATE`;
  const links = await linksOfRows(scope, rows, cipher);
  const columns = links.map(({ id, from_id, to_id, link_type, metadata }) => ({
    id,
    metadata: sealing.seals('links') ? {} : metadata,
    sealed_metadata: sealing.json('links', from_id, linkColumn(to_id, link_type), metadata),
  }));
  await transaction.execute`
    UPDATE ${tableOf('links', work)} l SET metadata = d.metadata, sealed_metadata = decode(d.sealed_metadata, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
      AS d (id uuid, metadata jsonb, sealed_metadata text)
    WHERE l.tenant_id = ${scope.tenantId}::uuid AND l.id = d.id`;
  return rows.map(({ id }) => id);
}

interface EntryVector extends StoredVector {
  readonly entry_id: string;
}

/** The vectors kept in the database, of every model; the index has them as they are. */
export async function reencryptVectors(work: Reencrypting): Promise<string[]> {
  const { transaction, scope, cipher, after, limit } = work;
  const sealing = await cipher.sealing(transaction, scope);
  const next = after === '' ? Prisma.empty : Prisma.sql`AND e.entry_id > ${after}::uuid`;
  const rows = await transaction.query<EntryVector[]>`
    SELECT e.entry_id, e.memory_id, e.vector FROM ${tableOf('vectors', work)} e
    WHERE e.tenant_id = ${scope.tenantId}::uuid ${next} AND ${OUTDATED.vectors(sealing.wanted)}
    ORDER BY e.entry_id LIMIT ${limit} FOR UPDATE`;
  const vectors = await cipher.vectors(scope, rows);
  const columns = rows.map(({ entry_id, memory_id }, at) => ({
    entry_id,
    vector: sealing.vector(memory_id, vectors[at] ?? new Float32Array()).toString('base64'),
  }));
  await transaction.execute`
    UPDATE ${tableOf('vectors', work)} e SET vector = decode(d.vector, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) AS d (entry_id uuid, vector text)
    WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.entry_id = d.entry_id`;
  return rows.map((row) => row.entry_id);
}

interface AnswerRow {
  key: string;
  response: unknown;
  sealed_response: Uint8Array | null;
}

/** Answers kept under idempotency keys. */
export async function reencryptAnswers(work: Reencrypting): Promise<string[]> {
  const { transaction, scope, cipher, after, limit } = work;
  const sealing = await cipher.sealing(transaction, scope);
  const rows = await transaction.query<AnswerRow[]>`
    SELECT a.key, a.response, a.sealed_response FROM idempotency_keys a
    WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.key COLLATE "C" > ${after}
      AND ${OUTDATED.answers(sealing.wanted)}
    ORDER BY a.key COLLATE "C" LIMIT ${limit} FOR UPDATE`;
  const column = COLUMNS.response;
  const sealed = rows.flatMap(({ key: rowId, sealed_response: bytes }) =>
    bytes ? [{ rowId, column, bytes }] : [],
  );
  const open = sealed.length > 0 ? await cipher.opener(scope, sealed) : undefined;
  const columns = rows.map(({ key: rowId, response, sealed_response: bytes }) => {
    const answer: unknown =
      bytes && open ? JSON.parse(open({ rowId, column, bytes }).toString('utf8')) : response;
    const kept = sealing.json('answers', rowId, column, answer);
    return { key: rowId, response: kept === undefined ? answer : null, sealed_response: kept };
  });
  await transaction.execute`
    UPDATE idempotency_keys a
    SET response = nullif(d.response, 'null'::jsonb),
      sealed_response = decode(d.sealed_response, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
      AS d (key text, response jsonb, sealed_response text)
    WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.key = d.key`;
  return rows.map(({ key }) => key);
}
