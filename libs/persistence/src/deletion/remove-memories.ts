import { randomBytes } from 'node:crypto';
import type { TenantScope } from '@soma/core';
import { receiptHash } from '@soma/deletion';
import { textDigest } from '@soma/embedding';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { countChanges } from '../memory/lexical-statistics.js';
import { clearEntries } from '../memory/index-entries.js';
import { holdWhole, settleFacts } from '../memory/settle-facts.js';
import { clearPostings } from '../memory/postings.js';
import { forgetAnswers } from './forget-answers.js';
import { ancestorsOf, takeDown } from '../hierarchy/hierarchy-sources.js';

/** Deleted in one transaction, far inside its timeout: memories, and bytes of what they and versions say. */
const BATCH = { memories: 500, bytes: 8_000_000 };
/** Of each batch so many vectors are kept until nothing is found by them. */
const VECTORS_KEPT = 25;

export interface ReceiptRef {
  readonly id: string;
  readonly salt: Uint8Array;
}

export const newSalt = (): Uint8Array => randomBytes(16);

/** The next memories of those that `where` names, in the order of their ids, locked. */
export async function nextBatch(
  transaction: Transaction,
  where: Prisma.Sql,
  after: string | null,
): Promise<{ ids: string[]; last: boolean }> {
  const live = await lockedRows(transaction, LIVE, where, after);
  const archived = await lockedRows(transaction, ARCHIVED, where, after);
  const rows = [...live, ...archived]
    .sort((left, right) => (left.id < right.id ? -1 : 1))
    .slice(0, BATCH.memories);
  let bytes = 0;
  const fits = rows.findIndex((row) => (bytes += row.bytes) > BATCH.bytes);
  const taken = fits === -1 ? rows.length : Math.max(1, fits);
  const last = rows.length < BATCH.memories && taken === rows.length;
  return { ids: rows.slice(0, taken).map(({ id }) => id), last };
}

interface Tables {
  readonly memories: Prisma.Sql;
  readonly versions: Prisma.Sql;
}

const LIVE = { memories: Prisma.sql`memories`, versions: Prisma.sql`memory_versions` };
const ARCHIVED = {
  memories: Prisma.sql`archived_memories`,
  versions: Prisma.sql`archived_versions`,
};

function lockedRows(
  transaction: Transaction,
  { memories, versions }: Tables,
  where: Prisma.Sql,
  after: string | null,
): Promise<{ id: string; bytes: number }[]> {
  const next = after === null ? Prisma.empty : Prisma.sql`AND m.id > ${after}::uuid`;
  return transaction.query<{ id: string; bytes: number }[]>`
    SELECT m.id, (octet_length(m.content) + pg_column_size(m.payload)
      * (SELECT count(*) FROM ${versions} v
         WHERE v.tenant_id = m.tenant_id AND v.memory_id = m.id))::float8 AS bytes
    FROM ${memories} m WHERE ${where} ${next} ORDER BY m.id LIMIT ${BATCH.memories}
    FOR NO KEY UPDATE`;
}

/**
 * Deletes them with all that is derived from them, what was drawn from them into the hierarchy
 * included: no digest outlives what it quotes. And with the duplicates that were merged into them. @returns rows gone, by store.
 */
export async function removeMemories(
  transaction: Transaction,
  scope: TenantScope,
  named: readonly string[],
  receipt?: ReceiptRef,
): Promise<Record<string, number>> {
  if (named.length === 0) return {};
  await holdWhole(transaction, scope, named);
  const ids = [
    ...new Set([
      ...named,
      ...(await ancestorsOf(transaction, scope, named)),
      ...(await mergedInto(transaction, scope, named)),
    ]),
  ];
  const removed: Record<string, number> = {};
  const { changes: settled } = await settleFacts(transaction, scope, ids, { gone: true });
  if (receipt) await keepMemories(transaction, scope, ids, receipt);
  Object.assign(removed, await removeEntries(transaction, scope, ids));
  const lost = await clearPostings(transaction, scope, ids);
  const of = Prisma.sql`tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])`;
  removed['versions'] = await transaction.execute`DELETE FROM memory_versions WHERE ${of}`;
  removed['links'] = await transaction.execute`
    DELETE FROM links WHERE tenant_id = ${scope.tenantId}::uuid
      AND (from_id = ANY (${ids}::uuid[]) OR to_id = ANY (${ids}::uuid[]))`;
  removed['idempotency_answers'] = await forgetAnswers(transaction, scope, ids);
  await takeDown(transaction, scope, { ids, above: 0 });
  const sources = await transaction.execute`
    DELETE FROM memory_sources WHERE tenant_id = ${scope.tenantId}::uuid
      AND (node_id = ANY (${ids}::uuid[]) OR source_id = ANY (${ids}::uuid[]))`;
  await removeForgotten(transaction, scope, ids, removed);
  const gone = await transaction.query<{ derived: boolean; count: number }[]>`
    WITH gone AS (
      DELETE FROM memories WHERE tenant_id = ${scope.tenantId}::uuid AND id = ANY (${ids}::uuid[])
      RETURNING derived
    )
    SELECT derived, count(*)::int AS count FROM gone GROUP BY derived`;
  const countOf = (isDerived: boolean): number =>
    gone.find(({ derived }) => derived === isDerived)?.count ?? 0;
  removed['memories'] = countOf(false);
  if (countOf(true) > 0) {
    Object.assign(removed, { derived_memories: countOf(true), derived_sources: sources });
  }
  await countChanges(transaction, scope, [...settled, ...lost]);
  return removed;
}

/** Locks the duplicates that stand behind memories, so that one that is being put back is not gone with them. */
export async function mergedInto(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await transaction.query<{ id: string }[]>`
    SELECT found.id FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT a.id FROM archived_memories a
      WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.merged_into = asked.id
      ORDER BY a.id LIMIT 1000000 FOR UPDATE) found
    ORDER BY found.id`;
  return rows.map(({ id }) => id);
}

/** Queues the index entries for removal; an insertion still queued is before it, and kept in order. */
async function removeEntries(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<Record<string, number>> {
  const { embeddings, unmade } = await clearEntries(transaction, scope, ids);
  return { embeddings, pending_embeddings: unmade };
}

/** What stands of them in the archive, and what was said of their use. */
async function removeForgotten(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
  removed: Record<string, number>,
): Promise<void> {
  const byMemory = Prisma.sql`memory_id = ANY (${ids}::uuid[])`;
  const ofEither = Prisma.sql`(from_id = ANY (${ids}::uuid[]) OR to_id = ANY (${ids}::uuid[]))`;
  for (const [table, condition] of [
    ['memory_feedback', byMemory],
    ['decayed_fields', byMemory],
    ['archived_links', ofEither],
    ['archived_memories', Prisma.sql`id = ANY (${ids}::uuid[])`],
  ] as const) {
    const gone = await transaction.execute`
      DELETE FROM ${Prisma.raw(table)} WHERE tenant_id = ${scope.tenantId}::uuid AND ${condition}`;
    if (gone > 0) removed[table] = gone;
  }
}

/** Keeps what the memories will be looked for by. */
async function keepMemories(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
  { id: receiptId, salt }: ReceiptRef,
): Promise<void> {
  const digests = await textDigests(transaction, scope, ids);
  const rows = ids.map((id, position) => ({
    id,
    hash: receiptHash(salt, id),
    digests: [...(digests.get(id) ?? [])],
    sampled: isSampled(position, ids.length),
  }));
  await transaction.execute`
    INSERT INTO deletion_memories (tenant_id, deletion_id, hash, memory_id, entry_id, model,
      namespace, vector, text_digests)
    SELECT ${scope.tenantId}::uuid, ${receiptId}::uuid, d.hash, d.id, e.entry_id, e.model,
      e.namespace, CASE WHEN d.sampled THEN e.vector END,
      ARRAY(SELECT jsonb_array_elements_text(d.digests))
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS d (id uuid, hash text, digests jsonb, sampled boolean)
    LEFT JOIN LATERAL (
      (SELECT entry_id, model, namespace, vector FROM embeddings f
       WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = d.id LIMIT 1)
      UNION ALL (SELECT entry_id, model, namespace, vector FROM archived_embeddings f
       WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = d.id LIMIT 1)
    ) e ON true`;
}

/** The first of each of VECTORS_KEPT equal parts. */
function isSampled(position: number, count: number): boolean {
  const part = (at: number): number => Math.floor((at * VECTORS_KEPT) / count);
  return position === 0 || part(position) !== part(position - 1);
}

async function textDigests(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<Map<string, Set<string>>> {
  const rows = await transaction.query<{ id: string; content: string | null }[]>`
    SELECT a.id, found.content FROM unnest(${ids}::uuid[]) AS a (id), LATERAL (
      (SELECT content FROM memories m
       WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = a.id LIMIT 1)
      UNION ALL (SELECT content FROM archived_memories m
       WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = a.id LIMIT 1)
    ) found
    UNION ALL
    SELECT a.id, found.content FROM unnest(${ids}::uuid[]) AS a (id), LATERAL (
      (SELECT v.snapshot ->> 'content' AS content FROM memory_versions v
       WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = a.id LIMIT 1000000)
      UNION ALL (SELECT v.snapshot ->> 'content' AS content FROM archived_versions v
       WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = a.id LIMIT 1000000)
    ) found`;
  const digests = new Map<string, Set<string>>();
  for (const { id, content } of rows) {
    if (content === null) continue;
    digests.set(id, (digests.get(id) ?? new Set()).add(textDigest(content)));
  }
  return digests;
}
