import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { Memory } from '@soma/memory';
import {
  type Candidate,
  type CandidateQuery,
  type Candidates,
  type CurrentEntry,
  SearchRepository,
} from '@soma/search';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { MAX_LEXEME_BYTES } from '../memory/derived-rows.js';
import { filterSql } from '../memory/filter-sql.js';
import { NOT_EXPIRED } from '../memory/memory-row.js';
import { readMemories } from '../memory/read-memories.js';
import { FreshTail } from './fresh-tail.js';

/** BM25's parameters as Robertson and Zaragoza (2009) give them. */
const K1 = 1.2;
const B = 0.75;

@Injectable()
export class PostgresSearchRepository extends SearchRepository {
  private readonly freshTail = new FreshTail();

  constructor(private readonly database: Database) {
    super();
  }

  candidates(scope: TenantScope, query: CandidateQuery): Promise<Candidates> {
    return this.database.withTenant(scope, async (transaction) => {
      const fresh = await this.freshTail.read(transaction, scope, query);
      return {
        lexical: await lexicalCandidates(transaction, scope, query),
        fresh: fresh.slice(0, query.freshLimit),
        freshCut: fresh.length > query.freshLimit,
      };
    });
  }

  current(
    scope: TenantScope,
    namespace: string,
    ids: readonly MemoryId[],
    filter?: Filter,
  ): Promise<CurrentEntry[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ id: string; entry_id: string | null }[]>`
        SELECT m.id, e.entry_id FROM memories m
        LEFT JOIN embeddings e ON e.tenant_id = m.tenant_id AND e.memory_id = m.id
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
          AND m.namespace = ${namespace} AND ${NOT_EXPIRED} AND ${passing(filter)}`;
      return rows.map((row) => ({ id: memoryId(row.id), entryId: row.entry_id }));
    });
  }

  memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Memory[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, (transaction) => readMemories(transaction, scope, ids));
  }
}

const passing = (filter: Filter | undefined): Prisma.Sql =>
  filter ? filterSql(filter) : Prisma.sql`true`;

/**
 * BM25 over the postings: idf as ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative, with
 * N and the average length of the namespace. In doubles throughout: exact decimals cost twice the
 * time.
 */
async function lexicalCandidates(
  transaction: Transaction,
  scope: TenantScope,
  query: CandidateQuery,
): Promise<Candidate<MemoryId>[]> {
  const rows = await transaction.query<{ memory_id: string; score: number }[]>`
    WITH namespace AS MATERIALIZED (
      SELECT greatest(memories, 1)::float8 AS memories,
        greatest(total_length::float8 / greatest(memories, 1), 1::float8) AS average_length
      FROM lexical_stats
      WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${query.namespace}
    ), found AS MATERIALIZED (
      SELECT p.memory_id, p.term_frequency::float8 AS frequency,
        ${K1}::float8 * (1::float8 - ${B}::float8
          + ${B}::float8 * p.length / (SELECT average_length FROM namespace)) AS saturation,
        count(*) OVER (PARTITION BY p.lexeme)::float8 AS memories
      FROM postings p
      WHERE p.tenant_id = ${scope.tenantId}::uuid AND p.namespace = ${query.namespace}
        AND p.lexeme = ANY (ARRAY(
          SELECT lexeme FROM unnest(to_tsvector('pg_catalog.english', ${query.query}))
          WHERE octet_length(lexeme) <= ${MAX_LEXEME_BYTES}))
    ), scored AS (
      SELECT f.memory_id, sum(
        ln(1::float8 + (greatest((SELECT memories FROM namespace) - f.memories, 0::float8)
          + 0.5::float8) / (f.memories + 0.5::float8))
        * f.frequency * ${K1 + 1}::float8 / (f.frequency + f.saturation)) AS score
      FROM found f GROUP BY f.memory_id
    )
    SELECT s.memory_id, s.score FROM scored s ${filterJoin(scope, query.filter)}
    ORDER BY s.score DESC, s.memory_id LIMIT ${query.limit}`;
  return rows.map((row) => ({ id: memoryId(row.memory_id), score: row.score }));
}

function filterJoin(scope: TenantScope, filter: Filter | undefined): Prisma.Sql {
  if (!filter) return Prisma.empty;
  return Prisma.sql`JOIN memories m ON m.tenant_id = ${scope.tenantId}::uuid
    AND m.id = s.memory_id AND ${filterSql(filter)}`;
}
