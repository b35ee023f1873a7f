import { Prisma } from '../generated/client.js';
import { renewEntry } from '../memory/index-entries.js';
import { countChanges } from '../memory/lexical-statistics.js';
import { holdAllNamespaces } from '../memory/namespace-lock.js';
import { clearPostings, writePostings } from '../memory/postings.js';
import { holdFacts } from '../memory/settle-facts.js';
import { among, OUTDATED, type Reencrypting, tableOf } from './outdated-rows.js';
import type { MaybeSealed } from './row-cipher.js';
import { sealColumns, type Sealing } from './sealing.js';

/** Memories, and what is derived from what is readable: postings, and entries of the index. */
export async function reencryptMemories(work: Reencrypting): Promise<string[]> {
  const { transaction, scope, cipher, after, limit } = work;
  await holdAllNamespaces(transaction, scope);
  const sealing = await cipher.sealing(transaction, scope);
  const next = after === '' ? Prisma.empty : Prisma.sql`AND m.id > ${after}::uuid`;
  const rows = await transaction.query<WholeRow[]>`
    SELECT m.id, m.content, m.payload, m.metadata, m.prediction, m.sealed_content,
      m.sealed_payload, m.sealed_metadata, m.sealed_prediction
    FROM ${tableOf('memories', work)} m
    WHERE m.tenant_id = ${scope.tenantId}::uuid ${next} ${among(Prisma.sql`m.id`, work)}
      AND ${OUTDATED.memories(sealing.wanted)}
    ORDER BY m.id LIMIT ${limit} FOR NO KEY UPDATE`;
  if (rows.length === 0) return [];
  await holdFacts(
    transaction,
    scope,
    rows.map(({ id }) => id),
  );
  const columns = (await cipher.open(scope, rows)).map((row) => keptAs(row, sealing));
  await transaction.execute`
    UPDATE ${tableOf('memories', work)} m SET content = d.content, payload = d.payload, metadata = d.metadata,
      sealed_content = decode(d.sealed_content, 'base64'),
      sealed_payload = decode(d.sealed_payload, 'base64'),
      sealed_metadata = decode(d.sealed_metadata, 'base64'), prediction = d.prediction,
      sealed_prediction = decode(d.sealed_prediction, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) AS d (id uuid, content text,
      payload jsonb, metadata jsonb, sealed_content text, sealed_payload text,
      sealed_metadata text, prediction text, sealed_prediction text)
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = d.id`;
  if (work.archived !== true) await rederive(work, rows, sealing);
  return rows.map(({ id }) => id);
}

async function rederive(
  { transaction, scope }: Reencrypting,
  rows: readonly MaybeSealed[],
  sealing: Sealing,
): Promise<void> {
  const reworded = rows
    .filter((row) => (row.sealed_content !== null) !== sealing.seals('content'))
    .map(({ id }) => id);
  if (reworded.length > 0) {
    const lost = await clearPostings(transaction, scope, reworded);
    const gained = await writePostings(transaction, scope, reworded);
    await countChanges(transaction, scope, [...lost, ...gained]);
  }
  for (const { id, sealed_metadata: sealed } of rows) {
    if ((sealed !== null) === sealing.seals('metadata')) continue;
    await renewEntry(transaction, scope, id);
  }
}

/** With everything that is sealed. */
export type WholeRow = MaybeSealed & {
  prediction: string | null;
  sealed_prediction: Uint8Array | null;
};

export interface VersionRow {
  memory_id: string;
  version: number;
  snapshot: Omit<MaybeSealed, 'id' | `sealed_${string}`> &
    Record<`sealed_${string}`, string | undefined>;
}

/** The snapshots of versions. */
export async function reencryptVersions(work: Reencrypting): Promise<string[]> {
  const { transaction, scope, cipher, after, limit } = work;
  const sealing = await cipher.sealing(transaction, scope);
  const [memory, version] = after.split('/');
  const next =
    version === undefined
      ? Prisma.empty
      : Prisma.sql`AND (v.memory_id, v.version) > (${memory}::uuid, ${version}::text::int)`;
  const rows = await transaction.query<VersionRow[]>`
    SELECT v.memory_id, v.version, v.snapshot FROM ${tableOf('versions', work)} v
    WHERE v.tenant_id = ${scope.tenantId}::uuid ${next} ${among(Prisma.sql`v.memory_id`, work)}
      AND ${OUTDATED.versions(sealing.wanted)}
    ORDER BY v.memory_id, v.version LIMIT ${limit} FOR UPDATE`;
  if (rows.length === 0) return [];
  const opened = await cipher.open(scope, rows.map(rowOfVersion));
  const columns = rows.map((row, at) => {
    const plain = opened[at];
    if (!plain) throw new Error('A version was opened and then not found.');
    const { id: _id, ...kept } = keptAs(plain, sealing);
    return {
      memory_id: row.memory_id,
      version: row.version,
      snapshot: { ...withoutSealed(row.snapshot), ...kept },
    };
  });
  await transaction.execute`
    UPDATE ${tableOf('versions', work)} v SET snapshot = d.snapshot
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb)
      AS d (memory_id uuid, version integer, snapshot jsonb)
    WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = d.memory_id
      AND v.version = d.version`;
  return rows.map((row) => `${row.memory_id}/${row.version}`);
}

/** The columns of a row as they are to be kept. */
export function keptAs({ id, content, payload, metadata, prediction }: WholeRow, sealing: Sealing) {
  return { id, ...sealColumns(sealing, id, { content, payload, metadata, prediction }) };
}

export function rowOfVersion({ memory_id: id, snapshot }: VersionRow): WholeRow {
  const { content, payload, metadata, prediction = null } = snapshot;
  return {
    id,
    content,
    payload,
    metadata,
    prediction,
    sealed_content: bytesOf(snapshot['sealed_content']),
    sealed_payload: bytesOf(snapshot['sealed_payload']),
    sealed_metadata: bytesOf(snapshot['sealed_metadata']),
    sealed_prediction: bytesOf(snapshot['sealed_prediction']),
  };
}

export function withoutSealed({
  sealed_content: _content,
  sealed_payload: _payload,
  sealed_metadata: _metadata,
  sealed_prediction: _prediction,
  ...plain
}: VersionRow['snapshot']) {
  return plain;
}

const bytesOf = (base64: string | undefined): Uint8Array | null =>
  base64 === undefined ? null : Buffer.from(base64, 'base64');
