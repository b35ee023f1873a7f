import type { TenantId } from './ids.js';

/** A cache in this process's memory that holds something of what tenants stored. */
export interface HeapCache {
  readonly name: string;
  /** Drops what may be of this tenant. */
  drop(tenant: TenantId): void;
  dropAll(): void;
  /** How many things of this tenant it holds. */
  size(tenant: TenantId): number;
}

/** Every such cache of this process: what a tenant deletes is dropped from all of them. */
export class HeapCaches {
  private readonly caches: HeapCache[] = [];

  /** @returns the cache itself. */
  add<Cache extends HeapCache>(cache: Cache): Cache {
    this.caches.push(cache);
    return cache;
  }

  drop(tenant: TenantId): void {
    for (const cache of this.caches) cache.drop(tenant);
  }

  dropAll(): void {
    for (const cache of this.caches) cache.dropAll();
  }

  /** What each cache holds of this tenant, by the cache's name. */
  sizes(tenant: TenantId): Record<string, number> {
    return Object.fromEntries(this.caches.map((cache) => [cache.name, cache.size(tenant)]));
  }
}
