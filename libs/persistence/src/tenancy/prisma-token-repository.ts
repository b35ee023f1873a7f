import { Injectable } from '@nestjs/common';
import { Clock, tenantId, type TenantScope } from '@soma/core';
import {
  type NewTokenRow,
  type StoredToken,
  type Token,
  TOKEN_SCOPES,
  TokenRepository,
  type TokenScope,
} from '@soma/tenancy';
import { Database } from '../connection/database.js';
import type { Token as TokenRow } from '../generated/client.js';

@Injectable()
export class PrismaTokenRepository extends TokenRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  findById(id: string): Promise<StoredToken | undefined> {
    return this.database.withSystem(async ({ token }) => {
      const row = await token.findUnique({ where: { id } });
      if (!row) return undefined;
      return {
        id: row.id,
        tenantId: tenantId(row.tenantId),
        secretHash: row.secretHash,
        scopes: knownScopes(row),
        expiresAt: row.expiresAt ?? undefined,
        revokedAt: row.revokedAt ?? undefined,
      };
    });
  }

  touch(scope: TenantScope, id: string, usedAt: Date): Promise<void> {
    return this.database.withSystem(async ({ token }) => {
      const where = { id, tenantId: scope.tenantId };
      await token.updateMany({ where, data: { lastUsedAt: usedAt } });
    });
  }

  create(scope: TenantScope, draft: NewTokenRow): Promise<Token> {
    const data = {
      ...draft,
      scopes: [...draft.scopes],
      tenantId: scope.tenantId,
      createdAt: this.clock.now(),
    };
    return this.database.withSystem(async ({ token }) => tokenOfRow(await token.create({ data })));
  }

  list(scope: TenantScope): Promise<Token[]> {
    const where = { tenantId: scope.tenantId };
    return this.database.withSystem(async ({ token }) => {
      const rows = await token.findMany({ where, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
      return rows.map(tokenOfRow);
    });
  }

  revoke(scope: TenantScope, id: string, at: Date): Promise<boolean> {
    const where = { id, tenantId: scope.tenantId };
    return this.database.withSystem(async ({ token }) => {
      const { count } = await token.updateMany({
        where: { ...where, revokedAt: null },
        data: { revokedAt: at },
      });
      return count > 0 || (await token.count({ where })) > 0;
    });
  }
}

function knownScopes(row: TokenRow): TokenScope[] {
  return TOKEN_SCOPES.filter((scope) => row.scopes.includes(scope));
}

function tokenOfRow(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: knownScopes(row),
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
