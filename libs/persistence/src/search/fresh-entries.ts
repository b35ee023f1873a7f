import { memoryId, type TenantScope } from '@soma/core';
import type { FreshQuery, FreshEntry } from '@soma/search';
import { LRUCache } from 'lru-cache';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { filterSql } from '../memory/filter-sql.js';
import { bytesToVector } from '../memory/vector-bytes.js';

const CACHE_BYTES = 128 * 1024 * 1024;
/** A few megabytes an answer. */
const VECTORS_AT_ONCE = 2_000;

interface FreshRow {
  entry_id: string;
  memory_id: string;
}

interface VectorRow {
  entry_id: string;
  vector: Uint8Array;
}

/**
 * The entries that the vector index may not show yet. Which they are is asked of Postgres every
 * time, under the tenant's scope; their vectors never change and are read once.
 */
export class FreshEntries {
  private readonly vectors = new LRUCache<string, Float32Array>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (vector) => vector.byteLength,
  });

  /** One entry more than `freshLimit` when there are more. */
  async read(
    transaction: Transaction,
    scope: TenantScope,
    query: FreshQuery,
  ): Promise<FreshEntry[]> {
    const rows = await freshRows(transaction, scope, query);
    const entries: FreshEntry[] = [];
    for (let from = 0; from < rows.length; from += VECTORS_AT_ONCE) {
      entries.push(
        ...(await this.withVectors(transaction, scope, rows.slice(from, from + VECTORS_AT_ONCE))),
      );
    }
    return entries;
  }

  /** Holds what it reads itself: a long tail is larger than the cache. */
  private async withVectors(
    transaction: Transaction,
    scope: TenantScope,
    rows: readonly FreshRow[],
  ): Promise<FreshEntry[]> {
    const vectors = new Map<string, Float32Array>();
    const unread: string[] = [];
    for (const { entry_id: id } of rows) {
      const known = this.vectors.get(id);
      if (known) vectors.set(id, known);
      else unread.push(id);
    }
    if (unread.length > 0) {
      const read = await transaction.query<VectorRow[]>`
        SELECT entry_id, vector FROM embeddings
        WHERE tenant_id = ${scope.tenantId}::uuid AND entry_id = ANY (${unread}::uuid[])`;
      for (const row of read) {
        const vector = bytesToVector(row.vector);
        vectors.set(row.entry_id, vector);
        this.vectors.set(row.entry_id, vector);
      }
    }
    return rows.flatMap((row) => {
      const vector = vectors.get(row.entry_id);
      return vector ? [{ entryId: row.entry_id, memoryId: memoryId(row.memory_id), vector }] : [];
    });
  }
}

function freshRows(
  transaction: Transaction,
  scope: TenantScope,
  query: FreshQuery,
): Promise<FreshRow[]> {
  const join = query.filter
    ? Prisma.sql`JOIN memories m ON m.tenant_id = e.tenant_id AND m.id = e.memory_id
        AND ${filterSql(query.filter)}`
    : Prisma.empty;
  const fresh =
    query.freshForMs === undefined
      ? Prisma.empty
      : Prisma.sql`AND e.indexed_at > now() - make_interval(secs => ${query.freshForMs / 1000}::float8)`;
  return transaction.query<FreshRow[]>`
    SELECT e.entry_id, e.memory_id FROM embeddings e ${join}
    WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.namespace = ${query.namespace}
      AND e.model = ${query.model} ${fresh}
    LIMIT ${query.freshLimit + 1}`;
}
