import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import {
  type ContextLink,
  type LexicalMatches,
  type LexicalQuery,
  PastMemories,
  type PastMemory,
  type PastQuestion,
} from '@soma/search';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { filterSql } from '../memory/filter-sql.js';
import { memoriesOf } from '../memory/known-memories.js';
import {
  EARLIER_COLUMNS,
  MEMORY_COLUMNS,
  memoryOfRow,
  type MemoryRow,
} from '../memory/memory-row.js';
import { whereAmong } from '../memory/memory-where.js';
import { NAMESPACE_LANGUAGE } from '../memory/postings.js';
import { readMemories } from '../memory/read-memories.js';
import { readLinks } from './context.js';
import { mostPostings, postingListOf, type PostingRow, termsOf } from './lexical-arm.js';
import { memoryIdsOf, numbersOf } from './packed-arrays.js';

interface PastRow extends MemoryRow {
  session_key: number;
  passes: boolean;
  is_changed: boolean;
}

interface LengthsRow {
  ids: string;
  lengths: string;
}

@Injectable()
export class PostgresPastMemories extends PastMemories {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  size(scope: TenantScope, question: PastQuestion): Promise<{ memories: number; bytes: number }> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ memories: number; bytes: number }[]>`
        SELECT count(*)::int AS memories, coalesce(sum(
          octet_length(coalesce(m.sealed_content, convert_to(m.content, 'UTF8')))
            + octet_length(m.payload::text)), 0)::float8 AS bytes
        FROM ${thoseOf(scope, question)}`;
      return row ?? { memories: 0, bytes: 0 };
    });
  }

  memories(scope: TenantScope, question: PastQuestion): Promise<PastMemory[]> {
    const columns = question.knownAt ? EARLIER_COLUMNS : MEMORY_COLUMNS;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<PastRow[]>`
        SELECT ${columns}, ${SESSION_KEY} AS session_key, ${passes(question)} AS passes,
          m.version <> (SELECT n.version FROM memories n
            WHERE n.tenant_id = m.tenant_id AND n.id = m.id) AS is_changed
        FROM ${thoseOf(scope, question)}`;
      const opened = await this.cipher.open(scope, rows);
      const today = await this.contentsOf(transaction, scope, opened);
      return opened.map((row) => ({
        memory: memoryOfRow(row),
        sessionKey: row.session_key,
        passes: row.passes,
        isRewritten: row.is_changed && today.get(row.id) !== row.content,
      }));
    });
  }

  lexical(
    scope: TenantScope,
    question: PastQuestion,
    query: LexicalQuery,
  ): Promise<Pick<LexicalMatches, 'postings'> & { lengths: Map<MemoryId, number> }> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<(PostingRow & LengthsRow)[]>`
        WITH memory AS MATERIALIZED (
          SELECT m.id, m.content, ${SESSION_KEY} AS session_key, ${passes(question)} AS passes
          FROM ${thoseOf(scope, question)}
        ), words AS MATERIALIZED (
          SELECT m.*, w.lexeme, w.frequency, (sum(w.frequency) OVER (PARTITION BY m.id))::int AS length
          FROM lexical_stats s, memory m,
            LATERAL lexemes_of(${NAMESPACE_LANGUAGE}, m.content, true) w
          WHERE s.tenant_id = ${scope.tenantId}::uuid AND s.namespace = ${question.namespace}
        ), lengths AS MATERIALIZED (
          SELECT id, sum(frequency)::int AS length FROM (
            SELECT id, frequency FROM words UNION ALL SELECT id, 0 FROM memory) w GROUP BY id
        ), term AS MATERIALIZED (${termsOf(scope, query)}), most AS MATERIALIZED (
          SELECT greatest(${mostPostings(0)}::bigint, count(*) / 3) AS most FROM memory
        ), matched AS MATERIALIZED (
          SELECT w.*, count(*) OVER (PARTITION BY w.lexeme) AS memories,
            row_number() OVER (PARTITION BY w.lexeme ORDER BY w.id) AS number
          FROM words w WHERE w.lexeme = ANY (ARRAY(SELECT t.lexeme FROM term t))
        ), list AS MATERIALIZED (
          SELECT w.lexeme, min(w.memories) AS memories,
            encode(string_agg(uuid_send(w.id) || int4send(w.frequency) || int4send(w.length)
              || int8send(w.session_key::bigint)
              || CASE WHEN w.passes THEN '\\x01'::bytea ELSE '\\x00'::bytea END, ''), 'hex') AS packed
          FROM matched w WHERE w.number <= (SELECT most FROM most) GROUP BY w.lexeme
        )
        SELECT t.lexeme, t.frequency, t.sentences, l.packed, '{}' AS ids, '{}' AS lengths
        FROM term t JOIN list l USING (lexeme), most
        WHERE l.memories < most.most OR (SELECT min(memories) FROM list) >= most.most
        UNION ALL SELECT '', 0, '{}', '', coalesce(array_agg(id)::text, '{}'),
          coalesce(array_agg(length)::text, '{}') FROM lengths`;
      const last = rows.find(({ lexeme }) => lexeme === '');
      const lengths = numbersOf(last?.lengths ?? '{}');
      const ids = memoryIdsOf(last?.ids ?? '{}');
      return {
        postings: rows.filter(({ lexeme }) => lexeme !== '').map(postingListOf),
        lengths: new Map(ids.map((id, at) => [id, lengths[at] ?? 0])),
      };
    });
  }

  links(
    scope: TenantScope,
    { knownAt }: PastQuestion,
    ids: readonly MemoryId[],
  ): Promise<ContextLink[]> {
    return this.database.withTenant(scope, (transaction) =>
      readLinks(transaction, scope, ids, knownAt),
    );
  }

  /** Today's contents of memories that have changed. */
  private async contentsOf(
    transaction: Transaction,
    scope: TenantScope,
    rows: readonly PastRow[],
  ): Promise<Map<string, string>> {
    const changed = rows.filter((row) => row.is_changed).map(({ id }) => memoryId(id));
    if (changed.length === 0) return new Map();
    const today = await readMemories(transaction, scope, changed, { cipher: this.cipher });
    return new Map(today.map(({ id, content }) => [id, content]));
  }
}

const SESSION_KEY = Prisma.sql`coalesce(session_key_of(m.session_id), -1)::float8`;

const passes = ({ filter }: PastQuestion): Prisma.Sql =>
  filter ? filterSql(filter) : Prisma.sql`true`;

/** The memories of the question, named `m`, whatever its filter. */
const thoseOf = (scope: TenantScope, { filter: _filter, ...question }: PastQuestion): Prisma.Sql =>
  Prisma.sql`${memoriesOf(scope, question)} m WHERE ${whereAmong(scope, question)}`;
