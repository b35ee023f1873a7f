import type { HeapCache, TenantId, TenantScope } from '@soma/core';
import { LRUCache } from 'lru-cache';
import { EmbeddingCache } from './embedding-cache.js';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** What a key and the bookkeeping of an entry take beside the vector's own bytes, roughly. */
const ENTRY_OVERHEAD_BYTES = 400;

/** Least recently used vectors go first once all tenants' together pass `maxBytes`. */
export class InProcessEmbeddingCache extends EmbeddingCache implements HeapCache {
  readonly name = 'embeddings';
  private readonly vectors: LRUCache<string, Float32Array>;

  constructor({ maxBytes = DEFAULT_MAX_BYTES }: { readonly maxBytes?: number } = {}) {
    super();
    this.vectors = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (vector) => vector.byteLength + ENTRY_OVERHEAD_BYTES,
    });
  }

  async getMany(
    scope: TenantScope,
    keys: readonly string[],
  ): Promise<(Float32Array | undefined)[]> {
    return keys.map((key) => this.vectors.get(placeOf(scope, key))?.slice());
  }

  async setMany(scope: TenantScope, entries: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const [key, vector] of entries) this.vectors.set(placeOf(scope, key), vector.slice());
  }

  async forget(scope: TenantScope, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.vectors.delete(placeOf(scope, key));
  }

  async forgetTenant({ tenantId }: TenantScope): Promise<number> {
    const forgotten = this.size(tenantId);
    this.drop(tenantId);
    return forgotten;
  }

  async count(scope: TenantScope, keys: readonly string[]): Promise<number> {
    return keys.filter((key) => this.vectors.has(placeOf(scope, key))).length;
  }

  drop(tenant: TenantId): void {
    for (const place of this.placesOf(tenant)) this.vectors.delete(place);
  }

  dropAll(): void {
    this.vectors.clear();
  }

  size(tenant: TenantId): number {
    return this.placesOf(tenant).length;
  }

  private placesOf(tenant: TenantId): string[] {
    return [...this.vectors.keys()].filter((place) => place.startsWith(`${tenant}:`));
  }
}

const placeOf = ({ tenantId }: TenantScope, key: string): string => `${tenantId}:${key}`;
