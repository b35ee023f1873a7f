import { type HeapCache, memoryId, noteLookup, type TenantId, type TenantScope } from '@soma/core';
import type { FreshQuery, FreshEntry } from '@soma/search';
import { LRUCache } from 'lru-cache';
import type { Transaction } from '../connection/transaction.js';
import type { RowCipher, StoredVector } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { IS_INDEXED_BY_A_LATER_CLOCK } from '../indexing/clock-set-back.js';
import { passingOne } from './passing-one.js';

const CACHE_BYTES = 128 * 1024 * 1024;
/** A few megabytes an answer. */
const VECTORS_AT_ONCE = 2_000;

interface FreshRow {
  entry_id: string;
  memory_id: string;
}

interface NoRow {
  entry_id: null;
  memory_id: null;
}

interface ActiveRow {
  active: string | null;
}

interface VectorRow extends StoredVector {
  readonly entry_id: string;
}

/**
 * The entries that the vector index may not show yet. Which they are is asked of Postgres every
 * time, under the tenant's scope; their vectors never change and are read once.
 */
export class FreshEntries implements HeapCache {
  readonly name = 'fresh_vectors';
  private readonly vectors = new LRUCache<string, Float32Array>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (vector) => vector.byteLength,
  });

  constructor(private readonly cipher: RowCipher) {}

  drop(tenant: TenantId): void {
    for (const place of this.placesOf(tenant)) this.vectors.delete(place);
  }

  dropAll(): void {
    this.vectors.clear();
  }

  size(tenant: TenantId): number {
    return this.placesOf(tenant).length;
  }

  /** One entry more than `freshLimit` when there are more. */
  async read(
    transaction: Transaction,
    scope: TenantScope,
    query: FreshQuery,
  ): Promise<{ entries: FreshEntry[]; activeModel: string | undefined }> {
    const { rows, activeModel } = await freshRows(transaction, scope, query);
    const entries: FreshEntry[] = [];
    for (let from = 0; from < rows.length; from += VECTORS_AT_ONCE) {
      entries.push(
        ...(await this.withVectors(transaction, scope, rows.slice(from, from + VECTORS_AT_ONCE))),
      );
    }
    return { entries, activeModel };
  }

  /**
   * Holds what it reads itself: a long tail is larger than the cache. Ids are looked up one by one: the
   * planner, which knows nothing of a tenant's size, would else read the whole tenant for some hundreds.
   */
  private async withVectors(
    transaction: Transaction,
    scope: TenantScope,
    rows: readonly FreshRow[],
  ): Promise<FreshEntry[]> {
    const vectors = new Map<string, Float32Array>();
    const unread: string[] = [];
    for (const { entry_id: id } of rows) {
      const known = this.vectors.get(placeOf(scope, id));
      if (known) vectors.set(id, known);
      else unread.push(id);
    }
    noteLookup('fresh-vectors', vectors.size, unread.length);
    if (unread.length > 0) {
      const read = await transaction.query<VectorRow[]>`
        SELECT e.entry_id, e.memory_id, e.vector FROM unnest(${unread}::uuid[]) AS wanted (id), LATERAL (
          SELECT entry_id, memory_id, vector FROM embeddings
          WHERE tenant_id = ${scope.tenantId}::uuid AND entry_id = wanted.id LIMIT 1) e`;
      const opened = await this.cipher.vectors(scope, read);
      for (const [at, vector] of opened.entries()) {
        const id = read[at]?.entry_id ?? '';
        vectors.set(id, vector);
        this.vectors.set(placeOf(scope, id), vector);
      }
    }
    return rows.flatMap((row) => {
      const vector = vectors.get(row.entry_id);
      return vector ? [{ entryId: row.entry_id, memoryId: memoryId(row.memory_id), vector }] : [];
    });
  }

  private placesOf(tenant: TenantId): string[] {
    return [...this.vectors.keys()].filter((place) => place.startsWith(`${tenant}:`));
  }
}

const placeOf = ({ tenantId }: TenantScope, entryId: string): string => `${tenantId}:${entryId}`;

/** In one snapshot with the name of the active model. */
async function freshRows(
  transaction: Transaction,
  scope: TenantScope,
  query: FreshQuery,
): Promise<{ rows: FreshRow[]; activeModel: string | undefined }> {
  const join = query.filter
    ? Prisma.sql`, LATERAL (${passingOne(scope, query.filter, Prisma.sql`e.memory_id`)}) m`
    : Prisma.empty;
  const fresh =
    query.freshForMs === undefined
      ? Prisma.empty
      : Prisma.sql`AND e.indexed_at > now() - make_interval(secs => ${query.freshForMs / 1000}::float8)
          AND NOT ${IS_INDEXED_BY_A_LATER_CLOCK}`;
  const rows = await transaction.query<(ActiveRow & (FreshRow | NoRow))[]>`
    SELECT active.model AS active, found.* FROM (VALUES (1)) AS one (number)
    LEFT JOIN embedding_models active ON active.state = 'active'
    LEFT JOIN LATERAL (
      SELECT e.entry_id, e.memory_id FROM embeddings e ${join}
      WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.namespace = ${query.namespace}
        AND e.model = ${query.model} AND NOT e.superseded ${fresh}
      LIMIT ${query.freshLimit + 1}) found ON true`;
  return {
    rows: rows.filter((row) => row.entry_id !== null),
    activeModel: rows[0]?.active ?? undefined,
  };
}
