import type { PageEnd, TenantId } from '@soma/core';
import type { RequestRates } from './principal.js';
import type { Tenant } from './tenancy.schema.js';

/** The tenants themselves: the operator's data, outside any tenant's scope. */
export abstract class TenantRepository {
  /** @throws SomaError TENANT_EXISTS when the name is taken. */
  abstract create(id: TenantId, name: string): Promise<Tenant>;
  abstract find(id: TenantId): Promise<Tenant | undefined>;
  /** Suspends the tenant from `at` on, or resumes it; suspending twice keeps the first time. */
  abstract suspend(id: TenantId, at: Date | undefined): Promise<Tenant | undefined>;
  /** Of all its tokens together. */
  abstract rates(id: TenantId): Promise<RequestRates>;
  abstract setRates(id: TenantId, rates: RequestRates): Promise<void>;
  /** Oldest first, those after `after`. */
  abstract list(limit: number, after: PageEnd | undefined): Promise<Tenant[]>;
}
