import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { removeMemories } from '../deletion/remove-memories.js';
import { Prisma } from '../generated/client.js';
import { ancestorsOf, takeDown } from '../hierarchy/hierarchy-sources.js';
import { clearEntries } from '../memory/index-entries.js';
import { countChanges } from '../memory/lexical-statistics.js';
import { clearPostings } from '../memory/postings.js';
import { holdWhole, settleFacts } from '../memory/settle-facts.js';
import { columnsOf } from './columns-of.js';

export interface Archiving {
  readonly at: Date;
  /** Undefined: as long as the memory that it was merged into is kept. */
  readonly purgeAt: Date | undefined;
}

/** What goes to the archive, and why: how far it had faded, or what it was merged into. */
export type Archivable = { readonly id: string } & ({ readonly salience: number } | MergedWhere);

export interface MergedWhere {
  readonly merged_into: string;
  readonly cosine: number;
  readonly shared_words: number;
}

/** Moves locked memories with versions, vectors and links to the archive, and out of every index. */
export async function archiveMemories(
  transaction: Transaction,
  scope: TenantScope,
  memories: readonly Archivable[],
  { at, purgeAt }: Archiving,
): Promise<void> {
  const ids = memories.map(({ id }) => id);
  await holdWhole(transaction, scope, ids);
  const { changes: settled } = await settleFacts(transaction, scope, ids, { gone: true });
  // What was drawn from them into the hierarchy is drawn anew without them.
  await removeMemories(transaction, scope, await ancestorsOf(transaction, scope, ids));
  await takeDown(transaction, scope, { ids, above: 0 });
  const ofTenant = Prisma.sql`tenant_id = ${scope.tenantId}::uuid`;
  const ofMemory = Prisma.sql`${ofTenant} AND memory_id = ANY (${ids}::uuid[])`;
  const columns = await columnsOf(transaction, 'memories');
  await transaction.execute`
    INSERT INTO archived_memories (${columns}, archived_at, purge_at, salience, merged_into,
      merged_by, cosine, shared_words)
    SELECT ${columns}, ${at}, least(${purgeAt ?? null}::timestamptz, m.expires_at), s.salience, s.merged_into,
      CASE WHEN s.merged_into IS NOT NULL THEN ${scope.writer.tokenId}::text END, s.cosine, s.shared_words
    FROM memories m JOIN (
      SELECT w.id AS asked, w.salience, w.merged_into, w.cosine, w.shared_words
      FROM jsonb_to_recordset(${JSON.stringify(memories)}::jsonb) AS w (id uuid, salience float8,
        merged_into uuid, cosine float8, shared_words float8)) s ON s.asked = m.id
    WHERE m.tenant_id = ${scope.tenantId}::uuid`;
  for (const [from, to] of [
    ['memory_versions', 'archived_versions'],
    ['embeddings', 'archived_embeddings'],
  ] as const) {
    const moved = await columnsOf(transaction, from);
    await transaction.execute`
      INSERT INTO ${Prisma.raw(to)} (${moved}) SELECT ${moved} FROM ${Prisma.raw(from)}
      WHERE ${ofMemory}`;
  }
  const links = await columnsOf(transaction, 'links');
  await transaction.execute`
    WITH gone AS (
      DELETE FROM links WHERE ${ofTenant}
        AND (from_id = ANY (${ids}::uuid[]) OR to_id = ANY (${ids}::uuid[]))
      RETURNING *
    )
    INSERT INTO archived_links (${links}) SELECT ${links} FROM gone`;
  await clearEntries(transaction, scope, ids);
  const lost = await clearPostings(transaction, scope, ids);
  await transaction.execute`
    DELETE FROM memories WHERE ${ofTenant} AND id = ANY (${ids}::uuid[])`;
  await countChanges(transaction, scope, [...settled, ...lost]);
}

/** Moves the rows of one archived memory back, and its links whose other end is there. */
export async function unarchiveRows(
  transaction: Transaction,
  scope: TenantScope,
  id: string,
): Promise<void> {
  const ofTenant = Prisma.sql`tenant_id = ${scope.tenantId}::uuid`;
  const columns = await columnsOf(transaction, 'memories');
  await transaction.execute`
    INSERT INTO memories (${columns}) SELECT ${columns} FROM archived_memories
    WHERE ${ofTenant} AND id = ${id}::uuid`;
  const versions = await columnsOf(transaction, 'memory_versions');
  await transaction.execute`
    INSERT INTO memory_versions (${versions}) SELECT ${versions} FROM archived_versions
    WHERE ${ofTenant} AND memory_id = ${id}::uuid`;
  const links = await columnsOf(transaction, 'links');
  await transaction.execute`
    WITH back AS (
      DELETE FROM archived_links a WHERE a.tenant_id = ${scope.tenantId}::uuid
        AND (a.from_id = ${id}::uuid OR a.to_id = ${id}::uuid)
        AND EXISTS (SELECT 1 FROM memories m
          WHERE m.tenant_id = a.tenant_id AND m.id = a.from_id)
        AND EXISTS (SELECT 1 FROM memories m WHERE m.tenant_id = a.tenant_id AND m.id = a.to_id)
      RETURNING *
    )
    INSERT INTO links (${links}) SELECT ${links} FROM back
    ON CONFLICT (tenant_id, from_id, to_id, link_type) DO NOTHING`;
  await transaction.execute`
    DELETE FROM archived_memories WHERE ${ofTenant} AND id = ${id}::uuid`;
}
