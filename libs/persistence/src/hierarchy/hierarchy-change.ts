import type { AuditEntry } from '@soma/audit';
import type { TenantScope } from '@soma/core';
import type { LayerChange, LayerItem, LayerOutcome, NodeDraft } from '@soma/consolidation';
import { MAX_TIER, type TreeNode } from '@soma/hierarchy';
import { treePartition } from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { appendEvent } from '../audit/audit-row.js';
import type { Transaction } from '../connection/transaction.js';
import { removeMemories } from '../deletion/remove-memories.js';
import { sealColumns, type Sealing } from '../encryption/sealing.js';
import { writeEntries } from '../memory/index-entries.js';
import { takeDown } from './hierarchy-sources.js';

interface Writing {
  readonly now: Date;
  readonly sealing: Sealing;
}

/** The transaction holds the namespace and its turn. */
export async function applyChange(
  transaction: Transaction,
  scope: TenantScope,
  change: LayerChange,
  writing: Writing,
): Promise<LayerOutcome> {
  const outdated = { state: 'outdated', made: 0, removed: 0 } as const;
  if (!(await stillThere(transaction, scope, change.items))) return outdated;
  const { kept, stale, wrongAlone } = await standing(transaction, scope, change);
  if (kept < change.kept.length) return outdated;
  const over = await nodesAbove(transaction, scope, change.level, wrongAlone);
  const gone = await removeMemories(transaction, scope, [...stale, ...over]);
  await takeDown(transaction, scope, { ids: wrongAlone, above: change.level });
  const drafts = change.made.map(({ draft }) => draft);
  await insertNodes(transaction, scope, change.namespace, drafts, writing);
  const raised = [
    ...change.made.map(({ node }) => itemRow(node)),
    ...change.alone.map((item) => itemRow(item)),
  ];
  await raise(transaction, scope, change, raised);
  // Found one by one, as the planner would rather look through all that the tenant has.
  await transaction.execute`
    DELETE FROM hierarchy_marks WHERE ctid = ANY (ARRAY(
      SELECT found.ctid FROM unnest(${change.marks}::bigint[]) AS done (id), LATERAL (
        SELECT k.ctid FROM hierarchy_marks k
        WHERE k.tenant_id = ${scope.tenantId}::uuid AND k.id = done.id LIMIT 1) found))`;
  const done = { made: drafts.length, removed: gone['derived_memories'] ?? 0 };
  if (done.made + done.removed > 0) {
    await transaction.execute`${appendEvent(scope, changedEvent(change.level + 1, done))}`;
  }
  return { state: 'applied', ...done };
}

/** Counts alone: nodes are derived, and made anew whenever what they stand on changes. */
const changedEvent = (tier: number, done: Record<'made' | 'removed', number>): AuditEntry => ({
  action: 'hierarchy.consolidate',
  targetKind: 'namespace',
  target: '',
  outcome: 'done',
  details: { tier, ...done },
});

/** Keeps the sources from being deleted until the commit; whoever waits for that sees the nodes. */
async function stillThere(
  transaction: Transaction,
  scope: TenantScope,
  items: readonly LayerItem[],
): Promise<boolean> {
  const ids = items.map(({ id }) => id).sort();
  const rows = await transaction.query<{ id: string; version: number }[]>`
    SELECT held.id, held.version FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT m.id, m.version FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id LIMIT 1 FOR KEY SHARE) held`;
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  if (!items.every(({ id, version }) => versions.get(id) === version)) return false;
  return areInForce(transaction, scope, ids);
}

/** None of the facts among them is superseded, nor will be until the commit. */
export async function areInForce(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<boolean> {
  const rows = await transaction.query<{ superseded: boolean }[]>`
    SELECT f.superseded_by IS NOT NULL AS superseded FROM facts f
    WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = ANY (${ids}::uuid[])
    ORDER BY f.memory_id FOR SHARE`;
  return !rows.some(({ superseded }) => superseded);
}

interface Standing {
  readonly kept: number;
  readonly stale: string[];
  readonly wrongAlone: string[];
}

/** What stands over the items one level higher, and is not to. */
async function standing(
  transaction: Transaction,
  scope: TenantScope,
  { level, items, kept, alone }: LayerChange,
): Promise<Standing> {
  const ids = items.map(({ id }) => id);
  const rows = await transaction.query<{ id: string; alone: boolean }[]>`
    SELECT DISTINCT found.item_id AS id, found.alone FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT i.item_id, false AS alone FROM memory_sources s
      JOIN hierarchy_items i ON i.tenant_id = s.tenant_id AND i.item_id = s.node_id
        AND i.level = ${level + 1}
      WHERE s.tenant_id = ${scope.tenantId}::uuid AND s.source_id = asked.id
      UNION ALL
      SELECT i.item_id, true FROM hierarchy_items i
      WHERE i.tenant_id = ${scope.tenantId}::uuid AND i.level = ${level + 1}
        AND i.item_id = asked.id) found`;
  const [keeps, single] = [new Set(kept), new Set(alone.map(({ id }) => id))];
  const nodes = rows.filter((row) => !row.alone).map(({ id }) => id);
  return {
    kept: nodes.filter((id) => keeps.has(id)).length,
    stale: nodes.filter((id) => !keeps.has(id)),
    wrongAlone: rows.filter((row) => row.alone && !single.has(row.id)).map(({ id }) => id),
  };
}

/** Nodes of the tree over items that went up alone, at any level. */
async function nodesAbove(
  transaction: Transaction,
  scope: TenantScope,
  level: number,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await transaction.query<{ id: string }[]>`
    SELECT DISTINCT s.node_id AS id FROM unnest(${ids}::uuid[]) AS asked (id)
    JOIN memory_sources s ON s.tenant_id = ${scope.tenantId}::uuid AND s.source_id = asked.id
    JOIN hierarchy_items i ON i.tenant_id = s.tenant_id AND i.item_id = s.node_id
      AND i.level > ${level + 1}`;
  return rows.map(({ id }) => id);
}

interface RaisedItem {
  readonly id: string;
  readonly version: number;
  readonly at: string;
  readonly arrived: string;
  readonly first: string;
  readonly ends: string;
  readonly leaves: number;
}

const itemRow = (item: LayerItem | TreeNode): RaisedItem => ({
  id: item.id,
  version: item.version,
  at: new Date(item.startsAt).toISOString(),
  arrived: new Date(item.arrivedAt).toISOString(),
  first: item.first,
  ends: new Date(item.endsAt).toISOString(),
  leaves: item.leaves,
});

/** Puts items into the level above; where one was not there, or in another version, it is marked. */
async function raise(
  transaction: Transaction,
  scope: TenantScope,
  { namespace, level }: Pick<LayerChange, 'namespace' | 'level'>,
  items: readonly RaisedItem[],
): Promise<void> {
  if (items.length === 0 || level >= MAX_TIER) return;
  await transaction.execute`
    WITH d AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS d (id uuid, version int,
        at timestamptz, arrived timestamptz, first uuid, ends timestamptz, leaves int)
    ), moved AS MATERIALIZED (
      SELECT i.at, i.arrived FROM d, LATERAL (
        SELECT i.at, i.arrived FROM hierarchy_items i WHERE i.tenant_id = ${scope.tenantId}::uuid
          AND i.level = ${level + 1}::int AND i.item_id = d.id LIMIT 1) i
      WHERE i.at <> d.at
    ), raised AS (
      INSERT INTO hierarchy_items AS i (tenant_id, namespace, level, item_id, version, at, arrived,
        first_id, ends_at, leaves)
      SELECT ${scope.tenantId}::uuid, ${namespace}, ${level + 1}::int, d.id, d.version, d.at,
        d.arrived, d.first, d.ends, d.leaves
      FROM d
      ON CONFLICT (tenant_id, level, item_id) DO UPDATE SET version = excluded.version,
        at = excluded.at, arrived = excluded.arrived, ends_at = excluded.ends_at
        WHERE (i.version, i.at) <> (excluded.version, excluded.at)
      RETURNING i.at, i.arrived
    )
    INSERT INTO hierarchy_marks (tenant_id, namespace, level, at, arrived)
    SELECT ${scope.tenantId}::uuid, ${namespace}, ${level + 1}::int, places.at, places.arrived
    FROM (SELECT at, arrived FROM raised UNION ALL SELECT at, arrived FROM moved) places`;
}

/** Memories, vectors and sources. What has an id already is left as it is. */
export async function insertNodes(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  drafts: readonly NodeDraft[],
  { now, sealing }: Writing,
): Promise<void> {
  if (drafts.length === 0) return;
  const made = new Set(
    await insertMemories(transaction, scope, namespace, drafts, { now, sealing }),
  );
  // A client's own memory may stand at the coordinate: then a fourth component tells them apart.
  const beside = drafts
    .filter(({ id }) => !made.has(id))
    .map((draft) => ({
      ...draft,
      coordinate: {
        text: `${draft.coordinate.text},1`,
        values: [...draft.coordinate.values, 1],
      },
    }));
  if (beside.length > 0) {
    await insertMemories(transaction, scope, namespace, beside, { now, sealing });
  }
  await writeEntries(
    transaction,
    scope,
    drafts.map(({ id, embedding }) => ({
      memoryId: id,
      namespace: treePartition(namespace),
      entryId: uuidv7(),
      embedding,
    })),
    sealing,
  );
  const sources = drafts.flatMap(({ id, sources: all }) =>
    all.map((source, position) => ({ node: id, position, ...source })),
  );
  await transaction.execute`
    INSERT INTO memory_sources (tenant_id, node_id, source_id, source_version, weight, position)
    SELECT ${scope.tenantId}::uuid, d.node, d.id, d.version, d.weight, d.position
    FROM jsonb_to_recordset(${JSON.stringify(sources)}::jsonb)
      AS d (node uuid, id uuid, version int, weight float8, position int)
    ON CONFLICT DO NOTHING`;
}

async function insertMemories(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  drafts: readonly NodeDraft[],
  { now, sealing }: Writing,
): Promise<string[]> {
  const columns = drafts.map(
    ({ id, tier, coordinate, content, payload, importance, trust, startsAt }) =>
      sealColumns(sealing, id, {
        id,
        tier,
        content,
        payload,
        metadata: {},
        importance,
        trust,
        coordinate: coordinate.text,
        coordinate_values: coordinate.values,
        occurred_at: new Date(startsAt).toISOString(),
      }),
  );
  const rows = await transaction.query<{ id: string }[]>`
    INSERT INTO memories (tenant_id, id, namespace, coordinate, coordinate_values, memory_type, tier,
      content, payload, metadata, tags, importance, occurred_at, created_at, updated_at, derived,
      trust, sealed_content, sealed_payload, sealed_metadata)
    SELECT ${scope.tenantId}::uuid, d.id, ${namespace}, d.coordinate, d.coordinate_values,
      CASE WHEN d.tier = 1 THEN 'semantic' ELSE 'summary' END, d.tier, d.content, d.payload,
      d.metadata, '{}', d.importance, d.occurred_at, ${now}, ${now}, true, d.trust,
      decode(d.sealed_content, 'base64'), decode(d.sealed_payload, 'base64'),
      decode(d.sealed_metadata, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) AS d (id uuid, tier int,
      coordinate text, coordinate_values float8[], content text, payload jsonb, metadata jsonb,
      importance float8, trust float8, occurred_at timestamptz, sealed_content text, sealed_payload text,
      sealed_metadata text)
    ORDER BY d.coordinate COLLATE "C"
    ON CONFLICT DO NOTHING RETURNING id`;
  return rows.map(({ id }) => id);
}
