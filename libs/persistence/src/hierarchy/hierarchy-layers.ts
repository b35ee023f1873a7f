import type { TenantScope } from '@soma/core';
import type { Layer, LayerItem, Mark, Place } from '@soma/consolidation';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { NOT_SUPERSEDED } from '../memory/fact-sql.js';
import { MARKED } from './mark-episodes.js';

interface ItemRow {
  id: string;
  version: number;
  session: string | null;
  at: Date;
  arrived: Date;
  first_id: string;
  ends_at: Date;
  leaves: number;
}

/** What is consolidated of memories `m`: what the trigger marks, less the facts that are superseded. */
const CONSOLIDATED = Prisma.sql`(${MARKED} AND ${NOT_SUPERSEDED})`;

const EPISODE_COLUMNS = Prisma.sql`m.id, m.version, m.session_key::text AS session,
  m.happened_at AS at, m.created_at AS arrived, m.id AS first_id, m.happened_at AS ends_at,
  1 AS leaves`;
const ITEM_COLUMNS = Prisma.sql`i.item_id AS id, i.version, NULL AS session, i.at, i.arrived,
  i.first_id, i.ends_at, i.leaves`;

const NOTHING_KNOWN = new Float32Array();

/**
 * So many of what an index has in order. Without statistics of tenants the planner takes what follows a
 * place for few rows, and would rather read and sort them all; of a limit it cannot see it expects a tenth.
 */
const first = (limit: number): Prisma.Sql => Prisma.sql`LIMIT (SELECT ${limit}::int)`;

const layerItem = (row: ItemRow): LayerItem => ({
  id: row.id,
  version: row.version,
  first: row.first_id,
  session: row.session ?? undefined,
  startsAt: row.at.getTime(),
  endsAt: row.ends_at.getTime(),
  arrivedAt: row.arrived.getTime(),
  leaves: row.leaves,
  vector: NOTHING_KNOWN,
  place: { session: row.session, at: row.at.getTime(), arrived: row.arrived.getTime() },
});

/** All times are whole milliseconds: clients give no finer ones, and the clock none. */
export const moment = (ms: number): Prisma.Sql =>
  Prisma.sql`${new Date(ms).toISOString()}::timestamptz`;

const isItem = (at: Place | LayerItem): at is LayerItem => 'place' in at;
const placeOf = (at: Place | LayerItem): Place => (isItem(at) ? at.place : at);

/** In the order of the index, where no session comes last. */
export async function itemsOnward(
  transaction: Transaction,
  scope: TenantScope,
  layer: Layer,
  { at, limit }: { readonly at: Place | LayerItem; readonly limit: number },
): Promise<LayerItem[]> {
  const place = placeOf(at);
  if (layer.level > 0) {
    const rows = await transaction.query<ItemRow[]>`
      SELECT ${ITEM_COLUMNS} FROM hierarchy_items i
      WHERE i.tenant_id = ${scope.tenantId}::uuid AND i.namespace = ${layer.namespace}
        AND i.level = ${layer.level} AND ${itemsAfter(at)}
      ORDER BY i.at, i.arrived, i.first_id ${first(limit)}`;
    return rows.map(layerItem);
  }
  const from = isItem(at)
    ? Prisma.sql`(m.happened_at, m.created_at, m.id) >
        (${moment(place.at)}, ${moment(place.arrived)}, ${at.id}::uuid)`
    : Prisma.sql`(m.happened_at, m.created_at) >= (${moment(place.at)}, ${moment(place.arrived)})`;
  const ofEpisodes = Prisma.sql`SELECT ${EPISODE_COLUMNS} FROM memories m
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${layer.namespace}
      AND ${CONSOLIDATED}`;
  const read = (where: Prisma.Sql, left: number) =>
    transaction.query<ItemRow[]>`${ofEpisodes} AND ${where}
      ORDER BY m.session_key, m.happened_at, m.created_at, m.id ${first(left)}`;
  const key = Prisma.sql`m.session_key`;
  const rows = await inSessions({ key, session: place.session, from, limit }, read);
  return rows.map(layerItem);
}

export async function itemsBefore(
  transaction: Transaction,
  scope: TenantScope,
  layer: Layer,
  { at, limit }: { readonly at: Place | LayerItem; readonly limit: number },
): Promise<LayerItem[]> {
  const place = placeOf(at);
  if (layer.level > 0) {
    const before = isItem(at)
      ? Prisma.sql`(i.at, i.arrived, i.first_id) <
          (${moment(place.at)}, ${moment(place.arrived)}, ${at.first}::uuid)`
      : Prisma.sql`(i.at, i.arrived) < (${moment(place.at)}, ${moment(place.arrived)})`;
    const rows = await transaction.query<ItemRow[]>`
      SELECT ${ITEM_COLUMNS} FROM hierarchy_items i
      WHERE i.tenant_id = ${scope.tenantId}::uuid AND i.namespace = ${layer.namespace}
        AND i.level = ${layer.level} AND ${before}
      ORDER BY i.at DESC, i.arrived DESC, i.first_id DESC ${first(limit)}`;
    return rows.map(layerItem);
  }
  const before = isItem(at)
    ? Prisma.sql`(m.happened_at, m.created_at, m.id) <
        (${moment(place.at)}, ${moment(place.arrived)}, ${at.id}::uuid)`
    : Prisma.sql`(m.happened_at, m.created_at) < (${moment(place.at)}, ${moment(place.arrived)})`;
  const rows = await transaction.query<ItemRow[]>`
    SELECT ${EPISODE_COLUMNS} FROM memories m
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${layer.namespace}
      AND ${CONSOLIDATED} AND ${sessionIs(place.session)} AND ${before}
    ORDER BY m.happened_at DESC, m.created_at DESC, m.id DESC ${first(limit)}`;
  return rows.map(layerItem);
}

function itemsAfter(at: Place | LayerItem): Prisma.Sql {
  const place = placeOf(at);
  return isItem(at)
    ? Prisma.sql`(i.at, i.arrived, i.first_id) >
        (${moment(place.at)}, ${moment(place.arrived)}, ${at.first}::uuid)`
    : Prisma.sql`(i.at, i.arrived) >= (${moment(place.at)}, ${moment(place.arrived)})`;
}

const sessionIs = (session: string | null): Prisma.Sql =>
  session === null
    ? Prisma.sql`m.session_key IS NULL`
    : Prisma.sql`m.session_key = ${session}::bigint`;

interface MarkRow {
  id: string;
  level: number;
  session: string | null;
  at: Date;
  arrived: Date;
}

const markOf = ({ id, session, at, arrived }: MarkRow): Mark => ({
  id,
  place: { session, at: at.getTime(), arrived: arrived.getTime() },
});

const MARK_COLUMNS = Prisma.sql`k.id::text AS id, k.level, k.session_key::text AS session, k.at, k.arrived`;

export async function firstMark(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  since: Date | undefined,
): Promise<{ level: number; mark: Mark } | undefined> {
  const made = since ? Prisma.sql`AND k.marked_at >= ${since}` : Prisma.empty;
  const [row] = await transaction.query<MarkRow[]>`
    SELECT ${MARK_COLUMNS} FROM hierarchy_marks k
    WHERE k.tenant_id = ${scope.tenantId}::uuid AND k.namespace = ${namespace} ${made}
    ORDER BY k.level, k.session_key, k.at, k.arrived, k.id LIMIT 1`;
  return row && { level: row.level, mark: markOf(row) };
}

export async function marksFrom(
  transaction: Transaction,
  scope: TenantScope,
  { namespace, level }: Layer,
  { from, limit }: { readonly from: Place; readonly limit: number },
): Promise<Mark[]> {
  const here = Prisma.sql`(k.at, k.arrived) >= (${moment(from.at)}, ${moment(from.arrived)})`;
  const read = (where: Prisma.Sql, left: number) =>
    transaction.query<MarkRow[]>`
      SELECT ${MARK_COLUMNS} FROM hierarchy_marks k
      WHERE k.tenant_id = ${scope.tenantId}::uuid AND k.namespace = ${namespace}
        AND k.level = ${level} AND ${where}
      ORDER BY k.session_key, k.at, k.arrived, k.id ${first(left)}`;
  const key = Prisma.sql`k.session_key`;
  const rows = await inSessions({ key, session: from.session, from: here, limit }, read);
  return rows.map(markOf);
}

interface SessionsFrom {
  /** The column that a session is in. */
  readonly key: Prisma.Sql;
  readonly session: string | null;
  /** What of that session counts; of those after it everything does. */
  readonly from: Prisma.Sql;
  readonly limit: number;
}

/** A session, those after it, and last what has none: one after another, as an index does not know an OR. */
async function inSessions<Row>(
  { key, session, from, limit }: SessionsFrom,
  read: (where: Prisma.Sql, left: number) => Promise<Row[]>,
): Promise<Row[]> {
  if (session === null) return read(Prisma.sql`${key} IS NULL AND ${from}`, limit);
  const rows = await read(Prisma.sql`${key} = ${session}::bigint AND ${from}`, limit);
  for (const rest of [Prisma.sql`${key} > ${session}::bigint`, Prisma.sql`${key} IS NULL`]) {
    if (rows.length < limit) rows.push(...(await read(rest, limit - rows.length)));
  }
  return rows;
}

export async function isSingle(
  transaction: Transaction,
  scope: TenantScope,
  { namespace, level }: Layer,
): Promise<boolean> {
  const rows = await transaction.query<unknown[]>`
    SELECT 1 FROM hierarchy_items WHERE tenant_id = ${scope.tenantId}::uuid
      AND namespace = ${namespace} AND level = ${level} LIMIT 2`;
  return rows.length < 2;
}

/** The newest or most important episodes. */
export async function recentItems(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  { by, limit }: { readonly by: 'recent' | 'important'; readonly limit: number },
): Promise<LayerItem[]> {
  const order =
    by === 'recent'
      ? Prisma.sql`m.created_at DESC, m.id DESC`
      : Prisma.sql`m.importance DESC, m.id DESC`;
  const rows = await transaction.query<ItemRow[]>`
    SELECT ${EPISODE_COLUMNS} FROM memories m
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace}
      AND ${CONSOLIDATED}
    ORDER BY ${order} LIMIT ${limit}`;
  return rows.map(layerItem);
}

/** Memories as items, whatever they are, but for facts that are superseded. */
export async function itemsOf(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<LayerItem[]> {
  const rows = await transaction.query<ItemRow[]>`
    SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      SELECT ${EPISODE_COLUMNS} FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id
        AND (m.expires_at IS NULL OR m.expires_at > now()) AND ${NOT_SUPERSEDED} LIMIT 1) found`;
  return rows.map(layerItem);
}
