import { type Coordinate, SomaError, type TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../connection/transaction.js';
import { reencryptMemories, reencryptVersions } from '../encryption/reencrypt-memories.js';
import { reencryptLinks } from '../encryption/reencrypt-others.js';
import type { RowCipher, StoredVector } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { writeEntries } from '../memory/index-entries.js';
import { countChanges } from '../memory/lexical-statistics.js';
import { holdNamespaces } from '../memory/namespace-lock.js';
import { writePostings } from '../memory/postings.js';
import { stateFacts } from '../memory/state-facts.js';
import { unarchiveRows } from './move-memories.js';

interface ArchivedPlace {
  id: string;
  namespace: string;
  coordinate: string;
}

/** Longer than a memory has rows of one kind. */
const EVERY_ROW = 1_000_000;

/** Of a table named `a`: it decayed, and was not merged into another memory. */
export const DECAYED = Prisma.sql`a.merged_into IS NULL`;
export const MERGED = Prisma.sql`a.merged_into IS NOT NULL`;

/** @returns whether there was one that `why` names. @throws SomaError COORDINATE_TAKEN */
export async function restoreMemory(
  transaction: Transaction,
  scope: TenantScope,
  {
    id,
    coordinate,
    why,
  }: {
    readonly id: string;
    readonly coordinate: Coordinate | undefined;
    readonly why: Prisma.Sql;
  },
  cipher: RowCipher,
): Promise<boolean> {
  const where = Prisma.sql`a.tenant_id = ${scope.tenantId}::uuid AND a.id = ${id}::uuid
    AND ${why}`;
  await holdNamespaces(
    transaction,
    scope,
    Prisma.sql`(SELECT a.namespace FROM archived_memories a WHERE ${where})`,
  );
  const sealing = await cipher.sealing(transaction, scope);
  const [place] = await transaction.query<ArchivedPlace[]>`
    SELECT a.id, a.namespace, a.coordinate FROM archived_memories a WHERE ${where} FOR UPDATE`;
  if (!place) return false;
  if (coordinate) {
    await transaction.execute`
      UPDATE archived_memories a
      SET coordinate = ${coordinate.text}, coordinate_values = ${coordinate.values.map(String)}::text[]::float8[]
      WHERE ${where}`;
  }
  await assertFree(transaction, scope, place, coordinate?.text ?? place.coordinate);
  const vectors = await archivedVectors(transaction, scope, id, cipher);
  await unarchiveRows(transaction, scope, place.id);
  const settled = await stateFacts(transaction, scope, [place.id]);
  const gained = await writePostings(transaction, scope, [place.id]);
  await countChanges(transaction, scope, [...settled, ...gained]);
  const [first, ...besides] = vectors;
  const entry = { memoryId: place.id, namespace: place.namespace, entryId: uuidv7() };
  const embedding = first ? { ...first, besides } : ('pending' as const);
  await writeEntries(transaction, scope, [{ ...entry, embedding }], sealing);
  const work = { transaction, scope, cipher, after: '', limit: EVERY_ROW, ids: [place.id] };
  await reencryptMemories(work);
  await reencryptVersions(work);
  await reencryptLinks(work);
  return true;
}

async function assertFree(
  transaction: Transaction,
  scope: TenantScope,
  { namespace }: ArchivedPlace,
  coordinate: string,
): Promise<void> {
  const [taken] = await transaction.query<{ id: string }[]>`
    SELECT m.id FROM memories m WHERE m.tenant_id = ${scope.tenantId}::uuid
      AND m.namespace = ${namespace} AND m.coordinate = ${coordinate}`;
  if (!taken) return;
  throw new SomaError(
    'COORDINATE_TAKEN',
    `The memory ${taken.id} is at "${coordinate}" in namespace "${namespace}" by now; send another ` +
      'coord to restore to, or delete that memory first.',
  );
}

async function archivedVectors(
  transaction: Transaction,
  scope: TenantScope,
  id: string,
  cipher: RowCipher,
): Promise<{ model: string; vector: Float32Array }[]> {
  const rows = await transaction.query<(StoredVector & { model: string })[]>`
    SELECT e.memory_id, e.model, e.vector FROM archived_embeddings e
    WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.memory_id = ${id}::uuid ORDER BY e.model`;
  const vectors = await cipher.vectors(scope, rows);
  return rows.map(({ model }, at) => ({ model, vector: vectors[at] ?? new Float32Array() }));
}
