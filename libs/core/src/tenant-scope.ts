import type { TenantId } from './ids.js';

/**
 * Whose data a call may touch. Every port method takes one first, so a call without a tenant does
 * not compile. Made only from a verified token (or by background work, from a row that names its
 * tenant).
 */
export class TenantScope {
  private constructor(readonly tenantId: TenantId) {}

  static of(tenantId: TenantId): TenantScope {
    return new TenantScope(tenantId);
  }
}
