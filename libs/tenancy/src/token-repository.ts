import type { TenantId, TenantScope } from '@soma/core';
import type { Token } from './tenancy.schema.js';
import type { TokenScope } from './token-scope.js';

export interface NewTokenRow {
  readonly id: string;
  readonly name: string;
  readonly secretHash: Uint8Array<ArrayBuffer>;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: Date | undefined;
}

export interface StoredToken {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly secretHash: Uint8Array;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
}

export abstract class TokenRepository {
  /** The only question asked before a tenant is known: whose token is this? */
  abstract findById(id: string): Promise<StoredToken | undefined>;
  abstract touch(scope: TenantScope, id: string, usedAt: Date): Promise<void>;
  abstract create(scope: TenantScope, token: NewTokenRow): Promise<Token>;
  abstract list(scope: TenantScope): Promise<Token[]>;
  /** @returns whether the tenant has such a token; revoking twice keeps the first time. */
  abstract revoke(scope: TenantScope, id: string, at: Date): Promise<boolean>;
}
