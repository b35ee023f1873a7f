import type { TenantScope } from '@soma/core';
import type { TokenScope } from './token-scope.js';

/** A tenant's token, verified. */
export interface TenantPrincipal {
  readonly kind: 'tenant';
  readonly tokenId: string;
  readonly tenant: TenantScope;
  readonly scopes: ReadonlySet<TokenScope>;
}

/** The holder of SOMA_ADMIN_TOKEN: administers tenants, and can read no memory. */
export interface OperatorPrincipal {
  readonly kind: 'operator';
  readonly tokenId: 'operator';
}

export type Principal = TenantPrincipal | OperatorPrincipal;
