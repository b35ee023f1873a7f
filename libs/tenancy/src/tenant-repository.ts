import type { PageEnd, TenantId } from '@soma/core';
import type { Tenant } from './tenancy.schema.js';

/** The tenants themselves: the operator's data, outside any tenant's scope. */
export abstract class TenantRepository {
  /** @throws SomaError TENANT_EXISTS when the name is taken. */
  abstract create(id: TenantId, name: string): Promise<Tenant>;
  abstract find(id: TenantId): Promise<Tenant | undefined>;
  /** Oldest first, those after `after`. */
  abstract list(limit: number, after: PageEnd | undefined): Promise<Tenant[]>;
}
