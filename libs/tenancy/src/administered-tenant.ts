import { SomaError, tenantId, TenantScope } from '@soma/core';
import type { Principal } from './principal.js';

/**
 * Whose administration is asked for: a tenant's token means its own tenant, the operator names one,
 * which may be gone by now.
 * @throws SomaError NAMESPACE_FORBIDDEN for a token kept to namespaces; TENANT_NOT_FOUND for another tenant's, as for one that never was;
 * VALIDATION_FAILED when the operator names none.
 */
export function administeredTenant(by: Principal, named: string | undefined): TenantScope {
  const id = named === undefined ? undefined : tenantId(named.toLowerCase());
  if (by.kind === 'tenant') {
    by.tenant.assertWholeTenant();
    if (id === undefined || id === by.tenant.tenantId) return by.tenant;
    throw new SomaError('TENANT_NOT_FOUND', 'There is no tenant of that id.');
  }
  if (id !== undefined) return TenantScope.of(id);
  throw new SomaError('VALIDATION_FAILED', "With the operator's token the tenant must be named.", {
    errors: [{ path: 'tenant', message: 'is needed' }],
  });
}
