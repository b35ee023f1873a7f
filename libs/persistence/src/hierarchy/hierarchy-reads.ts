import type { TenantScope } from '@soma/core';
import type { SourceStep, StoredNode, TreePage } from '@soma/consolidation';
import type { Transaction } from '../connection/transaction.js';
import type { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { MEMORY_COLUMNS, memoryOfRow, type MemoryRow } from '../memory/memory-row.js';

interface NodeRow extends MemoryRow {
  ends_at: Date;
  leaves: number;
}

const NODE_COLUMNS = Prisma.sql`${MEMORY_COLUMNS}, i.ends_at, i.leaves`;

async function nodesOf(
  scope: TenantScope,
  rows: readonly NodeRow[],
  cipher: RowCipher,
): Promise<StoredNode[]> {
  const opened = await cipher.open(scope, rows);
  return opened.map((row) => ({
    memory: memoryOfRow(row),
    endsAt: row.ends_at,
    leaves: row.leaves,
  }));
}

export async function readRoots(
  transaction: Transaction,
  scope: TenantScope,
  { namespace, from, to, limit, after }: TreePage,
  cipher: RowCipher,
): Promise<StoredNode[]> {
  const conditions = [
    Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace} AND m.derived`,
    Prisma.sql`NOT EXISTS (SELECT 1 FROM memory_sources s JOIN hierarchy_items p
      ON p.tenant_id = s.tenant_id AND p.item_id = s.node_id
      WHERE s.tenant_id = m.tenant_id AND s.source_id = m.id)`,
  ];
  if (from) conditions.push(Prisma.sql`i.ends_at >= ${from}`);
  if (to) conditions.push(Prisma.sql`m.happened_at <= ${to}`);
  if (after) {
    const at = Prisma.sql`${new Date(Number(after.value))}`;
    conditions.push(Prisma.sql`(m.happened_at, m.id) > (${at}, ${after.id}::uuid)`);
  }
  const rows = await transaction.query<NodeRow[]>`
    SELECT ${NODE_COLUMNS} FROM memories m
    JOIN hierarchy_items i ON i.tenant_id = m.tenant_id AND i.item_id = m.id AND i.level = m.tier
    WHERE ${Prisma.join(conditions, ' AND ')}
    ORDER BY m.happened_at, m.id LIMIT ${limit}`;
  return nodesOf(scope, rows, cipher);
}

/** Nodes, and episodes as if they were: of one leaf, ending when they begin. */
export async function readNodes(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
  cipher: RowCipher,
): Promise<StoredNode[]> {
  const rows = await transaction.query<NodeRow[]>`
    SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT ${MEMORY_COLUMNS}, coalesce(i.ends_at, m.happened_at) AS ends_at,
        coalesce(i.leaves, 1) AS leaves
      FROM memories m
      LEFT JOIN hierarchy_items i
        ON i.tenant_id = m.tenant_id AND i.item_id = m.id AND i.level = m.tier
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id
        AND (m.expires_at IS NULL OR m.expires_at > now()) LIMIT 1) found`;
  return nodesOf(scope, rows, cipher);
}

interface StepRow {
  node_id: string;
  source_id: string;
  source_version: number;
  weight: number;
  depth: number;
}

/** Level by level, so that a limit cuts the far ones. */
export async function readSteps(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
  {
    direction,
    depth,
    limit,
  }: { readonly direction: 'up' | 'down'; readonly depth: number; readonly limit: number },
): Promise<SourceStep[]> {
  const steps: SourceStep[] = [];
  const seen = new Set<string>(ids);
  let edge: readonly string[] = ids;
  for (let level = 1; level <= depth && edge.length > 0 && steps.length < limit; level += 1) {
    const named =
      direction === 'down'
        ? Prisma.sql`s.node_id = asked.id ORDER BY s.position`
        : Prisma.sql`s.source_id = asked.id ORDER BY s.node_id`;
    const rows = await transaction.query<StepRow[]>`
      SELECT s.*, ${level}::int AS depth
      FROM unnest(${edge}::uuid[]) WITH ORDINALITY AS asked (id, place), LATERAL (
        SELECT s.node_id, s.source_id, s.source_version, s.weight, s.position FROM memory_sources s
        WHERE s.tenant_id = ${scope.tenantId}::uuid AND ${named} LIMIT ${limit}) s
      ORDER BY asked.place, s.position, s.node_id LIMIT ${limit - steps.length}`;
    steps.push(
      ...rows.map((row) => ({
        nodeId: row.node_id,
        sourceId: row.source_id,
        sourceVersion: row.source_version,
        weight: row.weight,
        depth: row.depth,
      })),
    );
    const next = rows.map((row) => (direction === 'down' ? row.source_id : row.node_id));
    edge = [...new Set(next)].filter((id) => !seen.has(id));
    for (const id of edge) seen.add(id);
  }
  return steps;
}
