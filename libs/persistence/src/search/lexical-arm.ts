import type { MemoryId, TenantScope } from '@soma/core';
import type { ExactHit, LexicalMatches, LexicalQuery, PostingList } from '@soma/search';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { passingOne } from './passing-one.js';
import { EXACT_KEYS, NAMESPACE_LANGUAGE } from '../memory/postings.js';
import { numbersOf, postingsOf } from './packed-arrays.js';

/** Of a longer query, the lexemes that come first. */
const MOST_TERMS = 256;
/** A lexeme in more memories than these tells too little apart to be worth reading. */
const MOST_POSTINGS = 20_000;
const MOST_OF_NAMESPACE = 1 / 3;
/** In a small namespace every lexeme is read. */
const ALWAYS_READ = 1_000;
/** Newest memories that a tag or a name brings up. */
const MOST_EXACT = 100;

export interface PostingRow {
  lexeme: string;
  frequency: number;
  sentences: string;
  packed: string;
}

/**
 * The postings of the query's lexemes, packed: a row each would cost the driver more than the scores
 * cost to compute. Lexemes in too many memories are read only when the query has no others. Statistics are the namespace's; `passes` says what the filter leaves.
 */
export async function readPostings(
  transaction: Transaction,
  scope: TenantScope,
  query: LexicalQuery,
  memoriesOfNamespace: number,
): Promise<PostingList[]> {
  const limit = mostPostings(memoriesOfNamespace);
  const rows = await transaction.query<PostingRow[]>`
    WITH term AS MATERIALIZED (${termsOf(scope, query)}), counted AS MATERIALIZED (
      SELECT t.*, (SELECT count(*) FROM (
        SELECT 1 FROM postings p
        WHERE p.tenant_id = ${scope.tenantId}::uuid AND p.namespace = ${query.namespace}
          AND p.lexeme = t.lexeme
        LIMIT ${limit}) p) AS memories
      FROM term t
    )
    SELECT t.lexeme, t.frequency, t.sentences, p.packed
    FROM counted t, LATERAL (
      SELECT encode(string_agg(uuid_send(p.memory_id) || int4send(p.term_frequency)
        || int4send(p.length) || int8send(coalesce(p.session_key, -1)) || ${passes(query)}, ''),
        'hex') AS packed
      FROM (
        SELECT memory_id, term_frequency, length, session_key FROM postings p
        WHERE p.tenant_id = ${scope.tenantId}::uuid AND p.namespace = ${query.namespace}
          AND p.lexeme = t.lexeme
        LIMIT ${limit}
      ) p ${filterJoin(scope, query)}
    ) p
    WHERE t.memories > 0 AND (t.memories < ${limit}
      OR (SELECT min(c.memories) FROM counted c WHERE c.memories > 0) >= ${limit})`;
  return rows.map(postingListOf);
}

/** Most memories that a lexeme which is read may be in. */
export function mostPostings(memoriesOfNamespace: number): number {
  const share = Math.floor(memoriesOfNamespace * MOST_OF_NAMESPACE);
  return Math.min(MOST_POSTINGS, Math.max(ALWAYS_READ, share));
}

/** The lexemes of a query: how often each occurs, and in which of its sentences. */
export function termsOf(scope: TenantScope, query: LexicalQuery): Prisma.Sql {
  const texts = query.sentences.map((text) => ({ text, weight: 1 }));
  if (query.context !== undefined) {
    texts.push({ text: query.context, weight: query.contextWeight });
  }
  return Prisma.sql`
    SELECT l.lexeme, sum(l.frequency * t.weight) AS frequency,
      coalesce((array_agg(t.position - 1 ORDER BY t.position)
        FILTER (WHERE t.weight = 1))::text, '{}') AS sentences
    FROM unnest(${texts.map(({ text }) => text)}::text[],
      ${texts.map(({ weight }) => weight)}::float8[]) WITH ORDINALITY AS t (text, weight, position)
    JOIN lexical_stats s
      ON s.tenant_id = ${scope.tenantId}::uuid AND s.namespace = ${query.namespace},
    LATERAL lexemes_of(${NAMESPACE_LANGUAGE}, t.text, false) l
    WHERE l.lexeme <> ALL (${query.stopLexemes}::text[])
    GROUP BY l.lexeme ORDER BY min(t.position), l.lexeme LIMIT ${MOST_TERMS}`;
}

function passes({ filter }: LexicalQuery): Prisma.Sql {
  return filter
    ? Prisma.sql`CASE WHEN m.id IS NULL THEN '\\x00'::bytea ELSE '\\x01'::bytea END`
    : Prisma.sql`'\\x01'::bytea`;
}

function filterJoin(scope: TenantScope, { filter }: LexicalQuery): Prisma.Sql {
  if (!filter) return Prisma.empty;
  return Prisma.sql`LEFT JOIN LATERAL (${passingOne(scope, filter, Prisma.sql`p.memory_id`)}) m ON true`;
}

export function postingListOf(row: PostingRow): PostingList {
  return {
    lexeme: row.lexeme,
    frequency: row.frequency,
    sentences: numbersOf(row.sentences),
    ...postingsOf(row.packed),
  };
}

/** How many memories the namespace holds, and their lexemes together. */
export async function readTotals(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
): Promise<Pick<LexicalMatches, 'memories' | 'totalLength'>> {
  const [row] = await transaction.query<{ memories: number; total_length: number }[]>`
    SELECT memories::float8 AS memories, total_length::float8 AS total_length FROM lexical_stats
    WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}`;
  return { memories: row?.memories ?? 0, totalLength: row?.total_length ?? 0 };
}

/** Memories of the namespace with an id, a coordinate, a tag or a speaker that the query names. */
export async function readExactHits(
  transaction: Transaction,
  scope: TenantScope,
  query: LexicalQuery,
): Promise<ExactHit[]> {
  const { namespace, names, ids, coordinates } = query;
  const hits: ExactHit[] = [];
  if (ids.length + coordinates.length > 0) {
    const rows = await transaction.query<{ id: MemoryId }[]>`
      SELECT m.id FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace}
        AND (m.id = ANY (${ids}::uuid[]) OR m.coordinate = ANY (${coordinates}::text[]))`;
    hits.push(...rows.map(({ id }) => ({ id, kind: 'address' }) as const));
  }
  if (names.length === 0) return hits;
  const rows = await transaction.query<{ id: MemoryId; is_tag: boolean }[]>`
    SELECT DISTINCT p.memory_id AS id, k.sign = ${EXACT_KEYS.tag} AS is_tag
    FROM unnest(${names}::text[]) AS n (name),
      unnest(ARRAY[${EXACT_KEYS.tag}, ${EXACT_KEYS.speaker}]::text[]) AS k (sign),
      LATERAL (
        SELECT memory_id FROM postings p
        WHERE p.tenant_id = ${scope.tenantId}::uuid AND p.namespace = ${namespace}
          AND p.lexeme = k.sign || lower(n.name)
        ORDER BY p.memory_id DESC LIMIT ${MOST_EXACT}
      ) p`;
  hits.push(...rows.map((row) => ({ id: row.id, kind: row.is_tag ? 'tag' : 'speaker' }) as const));
  return hits;
}
