import { FULL_TRUST, type TenantScope, type Writer } from '@soma/core';
import type { TokenScope } from './token-scope.js';

/** Requests; null: the service's default, 0: any number. */
export interface RequestRates {
  readonly perSecond: number | null;
  readonly perDay: number | null;
}

/** A tenant's token, verified. */
export interface TenantPrincipal {
  readonly kind: 'tenant';
  readonly tokenId: string;
  /** With the namespaces the token is kept to. */
  readonly tenant: TenantScope;
  readonly scopes: ReadonlySet<TokenScope>;
  /** Of the token itself, and of all of its tenant's together. */
  readonly rates: { readonly token: RequestRates; readonly tenant: RequestRates };
  /** Undefined for a token that does not expire. */
  readonly expiresAt: Date | undefined;
}

/** The holder of SOMA_ADMIN_TOKEN: administers tenants, and can read no memory. */
export interface OperatorPrincipal {
  readonly kind: 'operator';
  readonly tokenId: 'operator';
}

export type Principal = TenantPrincipal | OperatorPrincipal;

/** Who writes what the caller has done. */
export const writerOf = (by: Principal): Writer =>
  by.kind === 'tenant'
    ? by.tenant.writer
    : { tokenId: by.tokenId, trust: FULL_TRUST, quarantined: false };
