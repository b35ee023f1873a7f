import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { type LeaseRequest, LockRepository, type LockSnapshot } from '@soma/locks';
import { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';

interface LockRow {
  held: boolean;
  fencing_token: number;
  owner: string | null;
  expires_at: Date | null;
  remaining_ms: number | null;
}

/** Never `now()`: that stands still from the start of the transaction, and a row may be waited for. */
const NOW = Prisma.sql`clock_timestamp()`;
const COLUMNS = Prisma.sql`coalesce(l.expires_at > ${NOW}, false) AS held,
  l.fencing_token::float8 AS fencing_token, l.owner, l.expires_at,
  (extract(epoch FROM l.expires_at - ${NOW}) * 1000)::float8 AS remaining_ms`;

/** One row for each name, whose lock makes one of those who ask at once the first. */
@Injectable()
export class PostgresLockRepository extends LockRepository {
  constructor(private readonly database: Database) {
    super();
  }

  /** Who finds the lock held only reads; the condition is asked again under the row's lock. */
  acquire(
    scope: TenantScope,
    name: string,
    { leaseHash, owner, ttlMs }: LeaseRequest,
  ): Promise<LockSnapshot | undefined> {
    return this.one(
      scope,
      Prisma.sql`
        INSERT INTO locks AS l (tenant_id, name, fencing_token, lease_hash, owner, expires_at)
        SELECT ${scope.tenantId}::uuid, ${name}::text, 1, ${leaseHash}::text, ${owner}::text,
          ${fromNow(ttlMs)}
        WHERE NOT EXISTS (SELECT 1 FROM locks l WHERE ${named(scope, name)} AND l.expires_at > ${NOW})
        ON CONFLICT (tenant_id, name) DO UPDATE SET fencing_token = l.fencing_token + 1,
          lease_hash = excluded.lease_hash, owner = excluded.owner, expires_at = ${fromNow(ttlMs)}
          WHERE l.expires_at IS NULL OR l.expires_at <= ${NOW}
        RETURNING ${COLUMNS}`,
    );
  }

  renew(
    scope: TenantScope,
    name: string,
    leaseHash: string,
    ttlMs: number,
  ): Promise<LockSnapshot | undefined> {
    return this.one(
      scope,
      Prisma.sql`
        UPDATE locks l SET expires_at = ${fromNow(ttlMs)}
        WHERE ${named(scope, name)} AND ${heldBy(leaseHash)} RETURNING ${COLUMNS}`,
    );
  }

  release(scope: TenantScope, name: string, leaseHash: string): Promise<LockSnapshot | undefined> {
    return this.one(
      scope,
      Prisma.sql`
        UPDATE locks l SET lease_hash = NULL, owner = NULL, expires_at = NULL
        WHERE ${named(scope, name)} AND ${heldBy(leaseHash)} RETURNING ${COLUMNS}`,
    );
  }

  read(scope: TenantScope, name: string): Promise<LockSnapshot | undefined> {
    return this.one(scope, Prisma.sql`SELECT ${COLUMNS} FROM locks l WHERE ${named(scope, name)}`);
  }

  private one(scope: TenantScope, statement: Prisma.Sql): Promise<LockSnapshot | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<LockRow[]>`${statement}`;
      return row && snapshotOf(row);
    });
  }
}

const named = (scope: TenantScope, name: string): Prisma.Sql =>
  Prisma.sql`l.tenant_id = ${scope.tenantId}::uuid AND l.name = ${name}::text`;

const heldBy = (leaseHash: string): Prisma.Sql =>
  Prisma.sql`l.lease_hash = ${leaseHash}::text AND l.expires_at > ${NOW}`;

const fromNow = (ttlMs: number): Prisma.Sql =>
  Prisma.sql`${NOW} + ${ttlMs}::float8 * interval '1 millisecond'`;

/** Of a lease that has run out nothing is told but its number. */
function snapshotOf(row: LockRow): LockSnapshot {
  return {
    held: row.held,
    fencingToken: row.fencing_token,
    owner: row.held ? row.owner : null,
    expiresAt: row.held ? row.expires_at : null,
    remainingMs: row.held ? Math.max(0, row.remaining_ms ?? 0) : 0,
  };
}
