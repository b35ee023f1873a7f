import { tenantId, TenantScope } from '@soma/core';

/** Of no tenant: for asking a dependency whether it is well. */
export const NOBODY = TenantScope.of(tenantId('00000000-0000-0000-0000-000000000000'));

export const isNobody = (scope: TenantScope): boolean => scope.tenantId === NOBODY.tenantId;
