import type { MemoryId, TenantScope } from '@soma/core';
import type {
  Context,
  ContextLink,
  ContextMemory,
  ContextQuery,
  ContextSession,
} from '@soma/search';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { filterSql } from '../memory/filter-sql.js';
import { NOT_EXPIRED } from '../memory/memory-row.js';
import { memoryIdsOf } from './packed-arrays.js';

/** Of a longer memory, ranking reads the beginning. */
const MOST_CHARACTERS = 8_000;
const MOST_LINKS = 500;

/** A memory of the tenant and namespace that may be returned, of a table named `m`. */
function returnable(scope: TenantScope, { namespace, filter }: ContextQuery): Prisma.Sql {
  return Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace}
    AND ${NOT_EXPIRED} AND ${filter ? filterSql(filter) : Prisma.sql`true`}`;
}

/** Of each seed that is in a session, its neighbours there, by time, nearest first. */
export async function readWindows(
  transaction: Transaction,
  scope: TenantScope,
  query: ContextQuery,
): Promise<Context['windows'][number][]> {
  const may = returnable(scope, query);
  const rows = await transaction.query<{ id: MemoryId; before: string; after: string }[]>`
    WITH seed AS MATERIALIZED (
      SELECT m.id, m.session_key, m.happened_at, m.created_at, g.reach
      FROM unnest(${query.seeds.map(({ id }) => id)}::uuid[],
        ${query.seeds.map(({ reach }) => reach)}::integer[]) AS g (id, reach)
      JOIN memories m ON m.id = g.id AND ${may}
      WHERE m.session_key IS NOT NULL
    )
    SELECT s.id, before.ids AS before, after.ids AS after
    FROM seed s,
    LATERAL (SELECT coalesce(array_agg(n.id)::text, '{}') AS ids FROM (
      SELECT m.id FROM memories m
      WHERE m.session_key = s.session_key
        AND (m.happened_at, m.created_at, m.id) < (s.happened_at, s.created_at, s.id) AND ${may}
      ORDER BY m.happened_at DESC, m.created_at DESC, m.id DESC LIMIT s.reach) n) before,
    LATERAL (SELECT coalesce(array_agg(n.id)::text, '{}') AS ids FROM (
      SELECT m.id FROM memories m
      WHERE m.session_key = s.session_key
        AND (m.happened_at, m.created_at, m.id) > (s.happened_at, s.created_at, s.id) AND ${may}
      ORDER BY m.happened_at, m.created_at, m.id LIMIT s.reach) n) after`;
  return rows.map(({ id, before, after }) => ({
    id,
    before: memoryIdsOf(before),
    after: memoryIdsOf(after),
  }));
}

/** The strongest links of these memories, whichever end they are. */
export async function readLinks(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly MemoryId[],
): Promise<ContextLink[]> {
  const rows = await transaction.query<{ from: MemoryId; to: MemoryId; strength: number }[]>`
    SELECT from_id AS from, to_id AS to, strength FROM (
      SELECT id, from_id, to_id, strength FROM links
      WHERE tenant_id = ${scope.tenantId}::uuid AND from_id = ANY (${ids}::uuid[])
      UNION SELECT id, from_id, to_id, strength FROM links
      WHERE tenant_id = ${scope.tenantId}::uuid AND to_id = ANY (${ids}::uuid[])
    ) found ORDER BY strength DESC, id LIMIT ${MOST_LINKS}`;
  return rows;
}

interface ContextRow {
  id: MemoryId;
  entry_id: string | null;
  session_key: number;
  speaker: string | null;
  role: string | null;
  happened_at: Date;
  created_at: Date;
  content: string;
  lexemes: number;
}

export async function readContextMemories(
  transaction: Transaction,
  scope: TenantScope,
  query: ContextQuery,
  ids: readonly MemoryId[],
): Promise<ContextMemory[]> {
  const rows = await transaction.query<ContextRow[]>`
    SELECT m.id, e.entry_id, coalesce(m.session_key, -1)::float8 AS session_key, m.speaker,
      m.metadata->>'role' AS role, m.happened_at, m.created_at,
      left(m.content, ${MOST_CHARACTERS}) AS content, m.lexemes
    FROM memories m
    LEFT JOIN embeddings e ON e.tenant_id = m.tenant_id AND e.memory_id = m.id
    WHERE m.id = ANY (${ids}::uuid[]) AND ${returnable(scope, query)}`;
  return rows.map((row) => ({
    id: row.id,
    entryId: row.entry_id,
    sessionKey: row.session_key,
    speaker: row.speaker ?? undefined,
    role: row.role ?? undefined,
    happenedAt: row.happened_at.getTime(),
    createdAt: row.created_at.getTime(),
    content: row.content,
    lexemes: row.lexemes,
  }));
}

interface SessionRow extends ContextSession {
  sessions: number;
  total: number;
}

/** The named sessions among all of the namespace. */
export async function readSessions(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  keys: readonly number[],
): Promise<Pick<Context, 'sessions' | 'sessionCount' | 'sessionsLength'>> {
  if (keys.length === 0) return { sessions: [], sessionCount: 0, sessionsLength: 0 };
  const rows = await transaction.query<SessionRow[]>`
    SELECT key, length, age, sessions, total FROM (
      SELECT session_key::float8 AS key, total_length::float8 AS length,
        (rank() OVER (ORDER BY started_at DESC) - 1)::float8 AS age,
        (count(*) OVER ())::float8 AS sessions, (sum(total_length) OVER ())::float8 AS total
      FROM session_stats
      WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}
    ) session WHERE key = ANY (${keys}::float8[])`;
  return {
    sessions: rows.map(({ key, length, age }) => ({ key, length, age })),
    sessionCount: rows[0]?.sessions ?? 0,
    sessionsLength: rows[0]?.total ?? 0,
  };
}
