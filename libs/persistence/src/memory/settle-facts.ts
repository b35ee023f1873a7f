import type { MemoryId, TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { takeDown } from '../hierarchy/hierarchy-sources.js';
import { markEpisodes } from '../hierarchy/mark-episodes.js';
import { NOT_EXPIRED } from './memory-row.js';
import { restoreEntries, retireEntries } from './index-entries.js';
import type { StatisticsChange } from './lexical-statistics.js';
import { clearPostings, writePostings } from './postings.js';

/** Slots of a tenant share so many locks, beside those of namespaces, so that a write to any number takes few. */
const LOCKS = 256;
const FIRST_LOCK = 1_024;

type Ids = readonly (MemoryId | string)[];

/** Where a fact stands, or stood, among those of its slot. */
interface Place {
  readonly namespace: string;
  readonly slot: string;
  readonly valid_from: string;
  readonly created_at: string;
  readonly memory_id: string;
  /** It was superseded, and states no fact any more. */
  readonly freed: boolean;
}

/**
 * Until the commit nobody else changes which facts of these memories' slots are in force. Called
 * once the memories are locked or written, and before anything derived from them is.
 * @returns false when none of them has, or had, a slot.
 */
export async function holdFacts(
  transaction: Transaction,
  scope: TenantScope,
  ids: Ids,
): Promise<boolean> {
  const rows = await transaction.query<{ held: unknown }[]>`
    SELECT pg_advisory_xact_lock(hashtext(${scope.tenantId}::text), l.number)::text AS held FROM (
      SELECT DISTINCT ${FIRST_LOCK}::int
        + (hashtext(s.namespace || '/' || s.slot) & ${LOCKS - 1}::int) AS number
      FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
        (SELECT namespace, slot FROM facts
          WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = asked.id LIMIT 1)
        UNION ALL (SELECT namespace, slot FROM memories
          WHERE tenant_id = ${scope.tenantId}::uuid AND id = asked.id AND slot IS NOT NULL LIMIT 1)
      ) s ORDER BY 1) l`;
  return rows.length > 0;
}

/**
 * Locks memories that are about to go, so that whoever is building on one is waited for: facts
 * first, because whoever has those may be writing what is derived from the memories.
 */
export async function holdWhole(
  transaction: Transaction,
  scope: TenantScope,
  ids: Ids,
): Promise<void> {
  await holdFacts(transaction, scope, ids);
  await transaction.query`
    SELECT m.id FROM memories m
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
    ORDER BY m.id FOR UPDATE`;
}

export interface SettledFacts {
  /** What the statistics change. */
  readonly changes: StatisticsChange[];
  /** The facts that are superseded since. */
  readonly superseded: readonly string[];
}

/**
 * Brings the intervals of facts in line with these memories as they now stand in the table, or with
 * their being gone: of each slot the last is in force, and each other ends where the next begins.
 * What is superseded by it leaves the postings and the index, what is in force again returns; the
 * hierarchy groups both anew.
 */
export async function settleFacts(
  transaction: Transaction,
  scope: TenantScope,
  ids: Ids,
  { gone = false } = {},
): Promise<SettledFacts> {
  if (ids.length === 0 || !(await holdFacts(transaction, scope, ids))) {
    return { changes: [], superseded: [] };
  }
  const places = await placeFacts(transaction, scope, ids, gone);
  const turned = await repair(transaction, scope, places);
  const idsOf = (superseded: boolean): string[] =>
    turned.filter((fact) => fact.superseded === superseded).map(({ id }) => id);
  const freed = places.filter((place) => place.freed).map((place) => place.memory_id);
  const [superseded, restored] = [idsOf(true), [...idsOf(false), ...freed]];
  const changes: StatisticsChange[] = [];
  if (superseded.length > 0) {
    await retireEntries(transaction, scope, superseded);
    changes.push(...(await clearPostings(transaction, scope, superseded)));
    await takeDown(transaction, scope, { ids: superseded, above: 0 });
  }
  if (restored.length > 0) {
    await restoreEntries(transaction, scope, restored);
    changes.push(...(await writePostings(transaction, scope, restored)));
  }
  await markEpisodes(transaction, scope, [...superseded, ...restored]);
  return { changes, superseded };
}

/** Writes which facts there are, their intervals still open. @returns where they stood, and stand. */
function placeFacts(
  transaction: Transaction,
  scope: TenantScope,
  ids: Ids,
  gone: boolean,
): Promise<Place[]> {
  const place = (name: string): Prisma.Sql =>
    Prisma.raw(`${name}.namespace, ${name}.slot, ${name}.valid_from::text AS valid_from,
      ${name}.created_at::text AS created_at, ${name}.memory_id`);
  return transaction.query<Place[]>`
    WITH stated AS MATERIALIZED (
      SELECT m.* FROM unnest(${gone ? [] : ids}::uuid[]) AS asked (id), LATERAL (
        SELECT * FROM memories m WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id
          AND m.slot IS NOT NULL AND ${NOT_EXPIRED} LIMIT 1) m
    ), old AS MATERIALIZED (
      SELECT f.*, f.superseded_by IS NOT NULL AND EXISTS (
          SELECT 1 FROM memories m
          WHERE m.tenant_id = f.tenant_id AND m.id = f.memory_id AND m.slot IS NULL) AS freed
      FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
        SELECT * FROM facts f
        WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = asked.id LIMIT 1) f
    ), ended AS (
      DELETE FROM facts f USING old
      WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = old.memory_id
        AND old.memory_id NOT IN (SELECT id FROM stated)
    ), placed AS (
      INSERT INTO facts AS f
        (tenant_id, memory_id, namespace, slot, valid_from, created_at, expires_at)
      SELECT tenant_id, id, namespace, slot, coalesce(valid_from, occurred_at, created_at),
        created_at, expires_at
      FROM stated
      ON CONFLICT (tenant_id, memory_id) DO UPDATE SET slot = excluded.slot,
        valid_from = excluded.valid_from, expires_at = excluded.expires_at
      RETURNING f.*
    )
    SELECT ${place('old')}, old.freed FROM old
    UNION ALL SELECT ${place('placed')}, false FROM placed`;
}

/** Of a fact named first: it comes before (`<`) or after the one named second, in the same slot. */
const near = (scope: TenantScope, one: string, order: '<' | '>', other: string): Prisma.Sql =>
  Prisma.sql`${Prisma.raw(one)}.tenant_id = ${scope.tenantId}::uuid AND ${Prisma.raw(
    `${one}.namespace = ${other}.namespace AND ${one}.slot = ${other}.slot
      AND (${one}.valid_from, ${one}.created_at, ${one}.memory_id)
        ${order} (${other}.valid_from, ${other}.created_at, ${other}.memory_id)`,
  )}`;

/**
 * Sets anew the ends of the facts that stand at these places, and of those just before them: no
 * other's can have changed. @returns those that are superseded and were not, or the other way round.
 */
function repair(
  transaction: Transaction,
  scope: TenantScope,
  places: readonly Place[],
): Promise<{ id: string; superseded: boolean }[]> {
  return transaction.query<{ id: string; superseded: boolean }[]>`
    WITH place AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(places)}::jsonb) AS p (namespace text,
        slot text, valid_from timestamptz, created_at timestamptz, memory_id uuid)
    ), touched AS MATERIALIZED (
      SELECT found.* FROM place p, LATERAL (
        SELECT f.* FROM facts f WHERE ${near(scope, 'f', '<', 'p')}
        ORDER BY f.valid_from DESC, f.created_at DESC, f.memory_id DESC LIMIT 1) found
      UNION SELECT found.* FROM place p, LATERAL (
        SELECT f.* FROM facts f
        WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = p.memory_id LIMIT 1) found
    ), repaired AS (
      UPDATE facts f SET valid_to = t.end_at, superseded_by = t.end_by
      FROM (SELECT t.memory_id, t.superseded_by IS NOT NULL AS was, n.valid_from AS end_at,
          n.memory_id AS end_by
        FROM touched t LEFT JOIN LATERAL (
          SELECT n.valid_from, n.memory_id FROM facts n WHERE ${near(scope, 'n', '>', 't')}
          ORDER BY n.valid_from, n.created_at, n.memory_id LIMIT 1) n ON true) t
      WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = t.memory_id
        AND (f.valid_to, f.superseded_by) IS DISTINCT FROM (t.end_at, t.end_by)
      RETURNING f.memory_id AS id, t.was, f.superseded_by IS NOT NULL AS superseded
    )
    SELECT id, superseded FROM repaired WHERE superseded <> was`;
}
