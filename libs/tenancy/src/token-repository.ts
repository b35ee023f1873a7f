import type { TenantId, TenantScope } from '@soma/core';
import type { RequestRates, TenantPrincipal } from './principal.js';
import type { Token } from './tenancy.schema.js';
import type { TokenScope } from './token-scope.js';

export interface NewTokenRow {
  readonly id: string;
  readonly name: string;
  readonly secretHash: Uint8Array<ArrayBuffer>;
  readonly scopes: readonly TokenScope[];
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined;
  readonly expiresAt: Date | undefined;
  readonly rates: RequestRates;
  readonly trust: number;
  readonly quarantine: boolean;
}

/** The secret that a rotation replaced. */
export interface PreviousSecret {
  readonly hash: Uint8Array;
  readonly until: Date;
}

export interface StoredToken {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly secretHash: Uint8Array;
  readonly previous: PreviousSecret | undefined;
  readonly scopes: readonly TokenScope[];
  readonly namespaces: readonly string[] | undefined;
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly rates: TenantPrincipal['rates'];
  readonly trust: number;
  readonly quarantine: boolean;
  /** Whether its tenant is. */
  readonly suspended: boolean;
}

export interface Rotation {
  readonly secretHash: Uint8Array<ArrayBuffer>;
  readonly at: Date;
  /** Until when the secret of now stays good. */
  readonly previousUntil: Date;
}

export abstract class TokenRepository {
  /** The only question asked before a tenant is known: whose token is this? */
  abstract findById(id: string): Promise<StoredToken | undefined>;
  abstract touch(scope: TenantScope, id: string, usedAt: Date): Promise<void>;
  abstract create(scope: TenantScope, token: NewTokenRow): Promise<Token>;
  abstract list(scope: TenantScope): Promise<Token[]>;
  /** A tenant's token, revoked or not. */
  abstract find(scope: TenantScope, id: string): Promise<Token | undefined>;
  /** Gives it a new secret; undefined when the tenant has no such token that is not revoked. */
  abstract rotate(scope: TenantScope, id: string, rotation: Rotation): Promise<Token | undefined>;
  /** @returns whether the tenant has such a token; revoking twice keeps the first time. */
  abstract revoke(scope: TenantScope, id: string, at: Date): Promise<boolean>;
}
