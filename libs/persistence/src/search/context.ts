import type { MemoryId, TenantScope } from '@soma/core';
import type {
  Context,
  ContextLink,
  ContextMemory,
  ContextNeighbour,
  ContextQuery,
  ContextSession,
  ContextWindow,
} from '@soma/search';
import type { Transaction } from '../connection/transaction.js';
import type { MaybeSealed, RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { NOT_SUPERSEDED } from '../memory/fact-sql.js';
import { filterSql } from '../memory/filter-sql.js';
import { NOT_EXPIRED } from '../memory/memory-row.js';
import { memoryIdsOf, numbersOf } from './packed-arrays.js';

/** Of a longer memory, ranking reads the beginning. */
const MOST_CHARACTERS = 8_000;
const MOST_LINKS = 4;

/*
 * Ids are looked up one by one (LATERAL ... LIMIT): the planner, which knows nothing of how many
 * rows a tenant has, would else read the whole tenant and throw most of it away.
 */

/** A memory of the tenant and namespace that may be returned, of a table named `m`. */
function returnable(scope: TenantScope, { namespace, filter }: ContextQuery): Prisma.Sql {
  return Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace}
    AND ${NOT_EXPIRED} AND ${NOT_SUPERSEDED} AND ${filter ? filterSql(filter) : Prisma.sql`true`}`;
}

interface WindowRow {
  id: MemoryId;
  before: string;
  before_lexemes: string;
  after: string;
  after_lexemes: string;
}

/** Of each spreading memory that is in a session, its neighbours there by time. */
export async function readWindows(
  transaction: Transaction,
  scope: TenantScope,
  query: ContextQuery,
): Promise<ContextWindow[]> {
  const may = returnable(scope, query);
  const rows = await transaction.query<WindowRow[]>`
    WITH seed AS MATERIALIZED (
      SELECT found.* FROM unnest(${query.spreading}::uuid[]) AS asked (id), LATERAL (
        SELECT m.id, m.session_key, m.happened_at, m.created_at FROM memories m
        WHERE m.id = asked.id AND m.session_key IS NOT NULL AND ${may} LIMIT 1) found
    )
    SELECT s.id, before.ids AS before, before.lexemes AS before_lexemes, after.ids AS after,
      after.lexemes AS after_lexemes
    FROM seed s,
    LATERAL (SELECT ${PACKED_NEIGHBOURS} FROM (
      SELECT m.id, m.lexemes FROM memories m
      WHERE m.session_key = s.session_key
        AND (m.happened_at, m.created_at, m.id) < (s.happened_at, s.created_at, s.id) AND ${may}
      ORDER BY m.happened_at DESC, m.created_at DESC, m.id DESC LIMIT ${query.reach}) n) before,
    LATERAL (SELECT ${PACKED_NEIGHBOURS} FROM (
      SELECT m.id, m.lexemes FROM memories m
      WHERE m.session_key = s.session_key
        AND (m.happened_at, m.created_at, m.id) > (s.happened_at, s.created_at, s.id) AND ${may}
      ORDER BY m.happened_at, m.created_at, m.id LIMIT ${query.reach}) n) after`;
  return rows.map((row) => ({
    id: row.id,
    before: neighboursOf(row.before, row.before_lexemes),
    after: neighboursOf(row.after, row.after_lexemes),
  }));
}

const PACKED_NEIGHBOURS = Prisma.sql`coalesce(array_agg(n.id)::text, '{}') AS ids,
  coalesce(array_agg(n.lexemes)::text, '{}') AS lexemes`;

function neighboursOf(ids: string, lexemes: string): ContextNeighbour[] {
  const lengths = numbersOf(lexemes);
  return memoryIdsOf(ids).map((id, at) => ({ id, lexemes: lengths[at] ?? 0 }));
}

/** The strongest links of each of these memories, whichever end it is; of those made `until` then. */
export async function readLinks(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly MemoryId[],
  until?: Date,
): Promise<ContextLink[]> {
  const made = until ? Prisma.sql`AND created_at <= ${until}::timestamptz` : Prisma.empty;
  const rows = await transaction.query<{ from: MemoryId; to: MemoryId; strength: number }[]>`
    SELECT DISTINCT found.from_id AS from, found.to_id AS to, found.strength
    FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
      (SELECT from_id, to_id, strength FROM links
        WHERE tenant_id = ${scope.tenantId}::uuid AND from_id = asked.id ${made}
        ORDER BY strength DESC, id LIMIT ${MOST_LINKS})
      UNION ALL (SELECT from_id, to_id, strength FROM links
        WHERE tenant_id = ${scope.tenantId}::uuid AND to_id = asked.id ${made}
        ORDER BY strength DESC, id LIMIT ${MOST_LINKS})
    ) found`;
  return rows;
}

/** As a number: the driver takes longer to make a Date of a row than to read all the rest. */
const millisecondsOf = (column: 'happened_at' | 'created_at'): Prisma.Sql =>
  Prisma.sql`date_part('epoch', ${Prisma.raw(`m.${column}`)}) * 1000`;

interface ContextRow extends MaybeSealed {
  id: MemoryId;
  entry_id: string | null;
  session_key: number;
  speaker: string | null;
  role: string | null;
  happened_at: number;
  created_at: number;
  lexemes: number;
}

export async function readContextMemories(
  transaction: Transaction,
  scope: TenantScope,
  query: ContextQuery,
  { ids, cipher }: { readonly ids: readonly MemoryId[]; readonly cipher: RowCipher },
): Promise<ContextMemory[]> {
  const byVector = new Set(query.embedded);
  const embedded = ids.map((id) => byVector.has(id));
  const rows = await transaction.query<ContextRow[]>`
    SELECT found.* FROM unnest(${ids}::uuid[], ${embedded}::boolean[]) AS asked (id, embedded),
    LATERAL (
      SELECT m.id, CASE WHEN asked.embedded THEN (
          SELECT e.entry_id FROM embeddings e
          WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.memory_id = asked.id
            AND e.model = ${query.model}
        ) END AS entry_id, coalesce(m.session_key, -1)::float8 AS session_key, m.speaker,
        m.metadata->>'role' AS role, ${millisecondsOf('happened_at')} AS happened_at,
        ${millisecondsOf('created_at')} AS created_at,
        left(m.content, ${MOST_CHARACTERS}) AS content, m.lexemes, m.sealed_content,
        m.sealed_metadata, NULL::bytea AS sealed_payload, '{}'::jsonb AS payload,
        '{}'::jsonb AS metadata
      FROM memories m
      WHERE m.id = asked.id AND ${returnable(scope, query)} LIMIT 1) found`;
  const opened = await cipher.open(scope, rows);
  return opened.map((row) => ({
    id: row.id,
    entryId: row.entry_id,
    sessionKey: row.session_key,
    speaker: row.speaker ?? undefined,
    role: row.role ?? roleOf(row.metadata),
    happenedAt: row.happened_at,
    createdAt: row.created_at,
    content: row.content.slice(0, MOST_CHARACTERS),
    lexemes: row.lexemes,
  }));
}

/** As SQL's `->>` gives it, of metadata that was sealed. */
function roleOf({ role }: MaybeSealed['metadata']): string | undefined {
  if (role === undefined || role === null) return undefined;
  return typeof role === 'string' ? role : JSON.stringify(role);
}

interface SessionRow extends ContextSession {
  sessions: number;
  total: number;
}

/** The named sessions among all of the namespace. */
export async function readSessions(
  transaction: Transaction,
  scope: TenantScope,
  { namespace, at }: ContextQuery,
  keys: readonly number[],
): Promise<Pick<Context, 'sessions' | 'sessionCount' | 'sessionsLength'>> {
  if (keys.length === 0) return { sessions: [], sessionCount: 0, sessionsLength: 0 };
  const until = at === undefined ? 'infinity' : new Date(at).toISOString();
  const rows = await transaction.query<SessionRow[]>`
    SELECT key, length, age, sessions, total FROM (
      SELECT session_key::float8 AS key, total_length::float8 AS length,
        CASE WHEN started_at <= ${until}::timestamptz THEN
          (rank() OVER (PARTITION BY started_at <= ${until}::timestamptz
            ORDER BY started_at DESC) - 1)::float8 ELSE 0 END AS age,
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
