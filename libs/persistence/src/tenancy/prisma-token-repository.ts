import { Injectable } from '@nestjs/common';
import { Clock, tenantId, type TenantScope } from '@soma/core';
import {
  type NewTokenRow,
  type Rotation,
  type StoredToken,
  type Token,
  TOKEN_SCOPES,
  TokenRepository,
  type TokenScope,
} from '@soma/tenancy';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { Prisma, type Token as TokenRow } from '../generated/client.js';

@Injectable()
export class PrismaTokenRepository extends TokenRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  findById(id: string): Promise<StoredToken | undefined> {
    return this.database.withSystem(async ({ token, tenant }) => {
      const row = await token.findUnique({ where: { id } });
      const owner = row && (await tenant.findUnique({ where: { id: row.tenantId } }));
      if (!row || !owner) return undefined;
      const { previousHash: hash, previousUntil: until } = row;
      return {
        id: row.id,
        tenantId: tenantId(row.tenantId),
        secretHash: row.secretHash,
        previous: hash && until ? { hash, until } : undefined,
        scopes: knownScopes(row),
        namespaces: namespacesOf(row) ?? undefined,
        expiresAt: row.expiresAt ?? undefined,
        revokedAt: row.revokedAt ?? undefined,
        rates: { token: ratesOf(row), tenant: ratesOf(owner) },
        trust: row.trust,
        quarantine: row.quarantine,
        suspended: owner.suspendedAt !== null,
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
    const { rates, ...columns } = draft;
    const data = {
      ...columns,
      maxRequestsPerSecond: rates.perSecond,
      maxRequestsPerDay: rates.perDay,
      scopes: [...draft.scopes],
      namespaces: draft.namespaces ? [...draft.namespaces] : Prisma.DbNull,
      tenantId: scope.tenantId,
      createdAt: this.clock.now(),
    };
    return this.database.withSystem(async (transaction) => {
      const row = await transaction.token.create({ data });
      const { scopes, namespaces, expiresAt } = draft;
      await transaction.$executeRaw(
        tokenEvent(scope, draft.id, 'tokens.create', {
          scopes,
          namespaces: namespaces?.length ?? null,
          expires_at: expiresAt ?? null,
          ...rates,
        }),
      );
      return tokenOfRow(row);
    });
  }

  list(scope: TenantScope): Promise<Token[]> {
    const where = { tenantId: scope.tenantId };
    return this.database.withSystem(async ({ token }) => {
      const rows = await token.findMany({ where, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
      return rows.map(tokenOfRow);
    });
  }

  find(scope: TenantScope, id: string): Promise<Token | undefined> {
    return this.database.withSystem(async ({ token }) => {
      const row = await token.findFirst({ where: { id, tenantId: scope.tenantId } });
      return row ? tokenOfRow(row) : undefined;
    });
  }

  /** In one statement: of two rotations at once, the later one's predecessor is the earlier one's. */
  rotate(
    scope: TenantScope,
    id: string,
    { secretHash, at, previousUntil }: Rotation,
  ): Promise<Token | undefined> {
    return this.database.withSystem(async (transaction) => {
      const rotated = await transaction.$executeRaw`
        UPDATE tokens SET previous_hash = secret_hash, previous_until = ${previousUntil},
          secret_hash = ${secretHash}, rotated_at = ${at}
        WHERE id = ${id} AND tenant_id = ${scope.tenantId}::uuid AND revoked_at IS NULL`;
      if (rotated > 0) {
        const details = { previous_until: previousUntil };
        await transaction.$executeRaw(tokenEvent(scope, id, 'tokens.rotate', details));
      }
      const where = { id, tenantId: scope.tenantId, revokedAt: null };
      const row = await transaction.token.findFirst({ where });
      return row ? tokenOfRow(row) : undefined;
    });
  }

  revoke(scope: TenantScope, id: string, at: Date): Promise<boolean> {
    const where = { id, tenantId: scope.tenantId };
    return this.database.withSystem(async (transaction) => {
      const { token } = transaction;
      const { count } = await token.updateMany({
        where: { ...where, revokedAt: null },
        data: { revokedAt: at },
      });
      if (count > 0) await transaction.$executeRaw(tokenEvent(scope, id, 'tokens.revoke'));
      return count > 0 || (await token.count({ where })) > 0;
    });
  }
}

/** Without the name: that is a client's text. */
const tokenEvent = (
  scope: TenantScope,
  id: string,
  action: string,
  details: Readonly<Record<string, unknown>> = {},
): Prisma.Sql =>
  appendEvent(scope, { action, targetKind: 'token', target: id, outcome: 'done', details });

function knownScopes(row: TokenRow): TokenScope[] {
  return TOKEN_SCOPES.filter((scope) => row.scopes.includes(scope));
}

const ratesOf = (row: Pick<TokenRow, 'maxRequestsPerSecond' | 'maxRequestsPerDay'>) => ({
  perSecond: row.maxRequestsPerSecond,
  perDay: row.maxRequestsPerDay,
});

/** @throws when the row holds anything but names: then nobody can say what the token may touch. */
function namespacesOf({ id, namespaces }: TokenRow): string[] | null {
  if (namespaces === null) return null;
  if (Array.isArray(namespaces)) {
    const names = namespaces.filter((name) => typeof name === 'string');
    if (names.length === namespaces.length) return names;
  }
  throw new Error(`The token ${id} has namespaces that are no list of names.`);
}

function tokenOfRow(row: TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: knownScopes(row),
    namespaces: namespacesOf(row),
    requests_per_second: row.maxRequestsPerSecond,
    requests_per_day: row.maxRequestsPerDay,
    trust: row.trust,
    quarantine: row.quarantine,
    expires_at: row.expiresAt?.toISOString() ?? null,
    rotated_at: row.rotatedAt?.toISOString() ?? null,
    previous_until: row.previousUntil?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
