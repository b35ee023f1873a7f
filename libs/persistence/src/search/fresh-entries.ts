import { memoryId, type TenantScope } from '@soma/core';
import type { FreshQuery, FreshEntry } from '@soma/search';
import { LRUCache } from 'lru-cache';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { filterSql } from '../memory/filter-sql.js';
import { bytesToVector } from '../memory/vector-bytes.js';

const CACHE_BYTES = 128 * 1024 * 1024;

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
    const unread = rows.filter((row) => !this.vectors.has(row.entry_id));
    if (unread.length > 0) await this.readVectors(transaction, scope, unread);
    return rows.flatMap((row) => {
      const vector = this.vectors.get(row.entry_id);
      return vector ? [{ entryId: row.entry_id, memoryId: memoryId(row.memory_id), vector }] : [];
    });
  }

  private async readVectors(
    transaction: Transaction,
    scope: TenantScope,
    rows: readonly FreshRow[],
  ): Promise<void> {
    const ids = rows.map((row) => row.entry_id);
    const read = await transaction.query<VectorRow[]>`
      SELECT entry_id, vector FROM embeddings
      WHERE tenant_id = ${scope.tenantId}::uuid AND entry_id = ANY (${ids}::uuid[])`;
    for (const row of read) this.vectors.set(row.entry_id, bytesToVector(row.vector));
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
  return transaction.query<FreshRow[]>`
    SELECT e.entry_id, e.memory_id FROM embeddings e ${join}
    WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.namespace = ${query.namespace}
      AND e.model = ${query.model}
      AND e.indexed_at > now() - make_interval(secs => ${query.freshForMs / 1000}::float8)
    LIMIT ${query.freshLimit + 1}`;
}
