import type { HeapCache, TenantId, TenantScope } from '@soma/core';
import { TextCache } from './ranking/text-cache.js';

/** Texts that all tenants' caches may hold together, beside those of the tenant in use. */
const MOST_TEXTS = 16_384;

/**
 * What was read out of texts, each tenant's apart: so one tenant's deletions drop nothing of another's.
 * Beyond MOST_TEXTS the tenants that searched longest ago are dropped.
 */
export class TenantTexts implements HeapCache {
  readonly name = 'texts';
  /** In order of use, the longest unused first. */
  private readonly caches = new Map<TenantId, TextCache>();

  constructor(private readonly mostTexts = MOST_TEXTS) {}

  of({ tenantId }: TenantScope): TextCache {
    const cache = this.caches.get(tenantId) ?? new TextCache();
    this.caches.delete(tenantId);
    this.dropUnused();
    this.caches.set(tenantId, cache);
    return cache;
  }

  drop(tenant: TenantId): void {
    this.caches.delete(tenant);
  }

  dropAll(): void {
    this.caches.clear();
  }

  size(tenant: TenantId): number {
    return this.caches.get(tenant)?.size ?? 0;
  }

  private dropUnused(): void {
    let texts = [...this.caches.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [tenant, { size }] of this.caches) {
      if (texts <= this.mostTexts) return;
      this.caches.delete(tenant);
      texts -= size;
    }
  }
}
