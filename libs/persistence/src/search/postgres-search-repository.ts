import { Injectable } from '@nestjs/common';
import { HeapCaches, type MemoryId, memoryId, type TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { Memory } from '@soma/memory';
import {
  type Context,
  contextIds,
  type ContextQuery,
  type CurrentEntry,
  type FreshQuery,
  type FreshTail,
  type LexicalMatches,
  type LexicalQuery,
  SearchRepository,
} from '@soma/search';
import { Database } from '../connection/database.js';
import { RowCipher, type StoredVector } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { NOT_SUPERSEDED } from '../memory/fact-sql.js';
import { filterSql } from '../memory/filter-sql.js';
import { NOT_EXPIRED } from '../memory/memory-row.js';
import { readMemories } from '../memory/read-memories.js';
import { readContextMemories, readLinks, readSessions, readWindows } from './context.js';
import { FreshEntries } from './fresh-entries.js';
import { readExactHits, readPostings, readTotals } from './lexical-arm.js';

@Injectable()
export class PostgresSearchRepository extends SearchRepository {
  private readonly freshEntries: FreshEntries;

  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
    caches: HeapCaches,
  ) {
    super();
    this.freshEntries = caches.add(new FreshEntries(cipher));
  }

  fresh(scope: TenantScope, query: FreshQuery): Promise<FreshTail> {
    return this.database.withTenant(scope, async (transaction) => {
      const { entries, activeModel } = await this.freshEntries.read(transaction, scope, query);
      return {
        activeModel,
        entries: entries.slice(0, query.freshLimit),
        cut: entries.length > query.freshLimit,
      };
    });
  }

  lexical(scope: TenantScope, query: LexicalQuery): Promise<LexicalMatches> {
    return this.database.withTenant(scope, async (transaction) => {
      const totals = await readTotals(transaction, scope, query.namespace);
      return {
        ...totals,
        postings: await readPostings(transaction, scope, query, totals.memories),
        exact: await readExactHits(transaction, scope, query),
      };
    });
  }

  context(scope: TenantScope, query: ContextQuery): Promise<Context> {
    return this.database.withTenant(scope, async (transaction) => {
      const windows = await readWindows(transaction, scope, query);
      const links = await readLinks(transaction, scope, query.linking);
      const memories = await readContextMemories(transaction, scope, query, {
        ids: contextIds(query, windows, links),
        cipher: this.cipher,
      });
      const keys = new Set(memories.map(({ sessionKey }) => sessionKey));
      keys.delete(-1);
      const sessions = await readSessions(transaction, scope, query, [...keys]);
      return { memories, windows, links, ...sessions };
    });
  }

  current(
    scope: TenantScope,
    { namespace, model, filter }: Pick<FreshQuery, 'namespace' | 'model' | 'filter'>,
    ids: readonly MemoryId[],
  ): Promise<CurrentEntry[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ id: string; entry_id: string | null }[]>`
        SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT m.id, e.entry_id FROM memories m
          LEFT JOIN embeddings e
            ON e.tenant_id = m.tenant_id AND e.memory_id = m.id AND e.model = ${model}
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id
            AND m.namespace = ${namespace} AND ${NOT_EXPIRED} AND ${NOT_SUPERSEDED}
            AND ${passing(filter)}
          LIMIT 1) found`;
      return rows.map((row) => ({ id: memoryId(row.id), entryId: row.entry_id }));
    });
  }

  memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Memory[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, (transaction) =>
      readMemories(transaction, scope, ids, { cipher: this.cipher, condition: NOT_SUPERSEDED }),
    );
  }

  vectors(
    scope: TenantScope,
    ids: readonly MemoryId[],
    model: string,
  ): Promise<Map<MemoryId, Float32Array>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<StoredVector[]>`
        SELECT asked.id AS memory_id, found.vector FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT e.vector FROM embeddings e
          WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.memory_id = asked.id
            AND e.model = ${model} LIMIT 1) found`;
      const vectors = await this.cipher.vectors(scope, rows);
      return new Map(vectors.map((vector, at) => [memoryId(rows[at]?.memory_id ?? ''), vector]));
    });
  }
}

const passing = (filter: Filter | undefined): Prisma.Sql =>
  filter ? filterSql(filter) : Prisma.sql`true`;
