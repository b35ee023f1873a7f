import { Injectable } from '@nestjs/common';
import {
  Clock,
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  isUuid,
  SomaError,
  tenantId,
  TenantScope,
} from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import type { Principal } from './principal.js';
import type {
  CreatedToken,
  CreateTenant,
  CreateToken,
  Tenant,
  TenantPage,
  TenantQuery,
  TokenList,
} from './tenancy.schema.js';
import { TenantRepository } from './tenant-repository.js';
import { generateToken } from './token-format.js';
import { TokenRepository } from './token-repository.js';
import { TokenVerifier } from './token-verifier.js';

@Injectable()
export class TenancyService {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly tokens: TokenRepository,
    private readonly verifier: TokenVerifier,
    private readonly clock: Clock,
  ) {}

  createTenant(request: CreateTenant): Promise<Tenant> {
    return this.tenants.create(tenantId(uuidv7()), request.name);
  }

  async listTenants({ limit, cursor }: TenantQuery): Promise<TenantPage> {
    const question = 'tenants';
    const after = cursor === undefined ? undefined : decodeCursor(cursor, question, isTime);
    const tenants = await this.tenants.list(limit + 1, after);
    const last = tenants.length > limit ? tenants[limit - 1] : undefined;
    return {
      tenants: tenants.slice(0, limit),
      next_cursor: last ? encodeCursor({ value: last.created_at, id: last.id }, question) : null,
    };
  }

  async createToken(by: Principal, tenant: string, request: CreateToken): Promise<CreatedToken> {
    const scope = await this.administered(by, tenant);
    const token = generateToken();
    const row = await this.tokens.create(scope, {
      id: token.id,
      name: request.name,
      secretHash: token.hash,
      scopes: [...new Set(request.scopes)],
      expiresAt: request.expires_at === undefined ? undefined : new Date(request.expires_at),
    });
    const { id, name, scopes, expires_at, created_at } = row;
    return { id, token: token.text, tenant_id: tenant, name, scopes, expires_at, created_at };
  }

  async listTokens(by: Principal, tenant: string): Promise<TokenList> {
    return { tokens: await this.tokens.list(await this.administered(by, tenant)) };
  }

  async revokeToken(by: Principal, tenant: string, id: string): Promise<void> {
    const scope = await this.administered(by, tenant);
    const revoked = await this.tokens.revoke(scope, id, this.clock.now());
    this.verifier.forget(id);
    if (revoked) return;
    throw new SomaError('TOKEN_NOT_FOUND', 'This tenant has no token of that id.');
  }

  /** The operator administers every tenant, a token with `admin` its own; others do not exist. */
  private async administered(by: Principal, tenant: string): Promise<TenantScope> {
    const id = tenantId(tenant.toLowerCase());
    const mayKnow = by.kind === 'operator' || by.tenant.tenantId === id;
    if (mayKnow && isUuid(id) && (await this.tenants.find(id))) return TenantScope.of(id);
    throw new SomaError('TENANT_NOT_FOUND', 'There is no tenant of that id.');
  }
}

const isTime = (value: string | number): boolean => isCanonicalTime(String(value));
