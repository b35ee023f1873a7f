import type { MemoryId, TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { NOT_SUPERSEDED } from './fact-sql.js';
import type { StatisticsChange } from './lexical-statistics.js';

/** A namespace's language as a text search configuration, of a row of lexical_stats named `s`. */
export const NAMESPACE_LANGUAGE = Prisma.sql`('pg_catalog.' || coalesce(s.language, 'english'))::regconfig`;

/** Postings under these are no words: a tag, and who speaks. No lexeme begins so. */
export const EXACT_KEYS = { tag: '#', speaker: '@' } as const;

/** Takes away the postings of memories. @returns what the statistics lose by it. */
export function clearPostings(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly (MemoryId | string)[],
): Promise<StatisticsChange[]> {
  return transaction.query<StatisticsChange[]>`
    WITH gone AS (
      DELETE FROM postings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
      RETURNING memory_id, namespace, session_key, length
    ), memory AS (
      SELECT memory_id, namespace, session_key, max(length) AS length
      FROM gone GROUP BY memory_id, namespace, session_key
    )
    SELECT namespace, session_key::float8 AS session_key, -count(*)::float8 AS memories,
      -sum(length)::float8 AS length, NULL::timestamptz AS started_at
    FROM memory GROUP BY namespace, session_key`;
}

/**
 * Writes the postings of memories as they now stand in the table: the lexemes of their content in
 * their namespace's language, and their exact keys. A memory without one word gets a posting too,
 * so that it is counted; a superseded fact gets none, and neither does one derived for the
 * hierarchy, which vectors alone find. @returns what the statistics gain by it.
 */
export function writePostings(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly (MemoryId | string)[],
): Promise<StatisticsChange[]> {
  return transaction.query<StatisticsChange[]>`
    WITH memory AS MATERIALIZED (
      SELECT m.id, m.namespace, m.content, m.tags, m.speaker, m.session_key, m.happened_at,
        ${NAMESPACE_LANGUAGE} AS language, ${NOT_SUPERSEDED} AS current
      FROM memories m
      LEFT JOIN lexical_stats s ON s.tenant_id = m.tenant_id AND s.namespace = m.namespace
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
        AND NOT m.derived
    ), words AS MATERIALIZED (
      SELECT m.id, w.lexeme, w.frequency
      FROM memory m, LATERAL lexemes_of(m.language, m.content, true) w
    ), lengths AS MATERIALIZED (
      SELECT m.id, m.namespace, m.session_key, m.happened_at, m.current,
        coalesce(w.length, 0) AS length
      FROM memory m
      LEFT JOIN (SELECT id, sum(frequency) AS length FROM words GROUP BY id) w USING (id)
    ), keys AS (
      SELECT m.id, ${EXACT_KEYS.tag} || lower(t.tag) AS lexeme, 1 AS frequency
      FROM memory m, unnest(m.tags) AS t (tag)
      UNION SELECT m.id, ${EXACT_KEYS.speaker} || lower(coalesce(m.speaker, '')), 1 FROM memory m
      UNION ALL SELECT id, lexeme, frequency FROM words
    ), posted AS (
      INSERT INTO postings
        (tenant_id, namespace, lexeme, memory_id, term_frequency, length, session_key)
      SELECT ${scope.tenantId}::uuid, l.namespace, k.lexeme, k.id, k.frequency, l.length,
        l.session_key
      FROM keys k JOIN lengths l USING (id) WHERE l.current
    ), counted AS (
      UPDATE memories m SET lexemes = l.length
      FROM lengths l
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = l.id AND m.lexemes <> l.length
    )
    SELECT namespace, session_key::float8 AS session_key, count(*)::float8 AS memories,
      sum(length)::float8 AS length, min(happened_at) AS started_at
    FROM lengths WHERE current GROUP BY namespace, session_key`;
}
