import { Injectable } from '@nestjs/common';
import {
  type AuditEntry,
  type AuditEvent,
  AuditLog,
  type AuditPage,
  type NotedEvent,
  type PurgedPart,
} from '@soma/audit';
import type { TenantScope } from '@soma/core';
import { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import { appendEvent, appendNoted, AUDIT_COLUMNS, type AuditRow, eventOfRow } from './audit-row.js';
import { fromPage } from './audit-where.js';
import { chainTenant } from './chain-events.js';
import { nextChain, PURGE, purgeTenant } from './purge-events.js';

const TENANTS_AT_ONCE = 20;

@Injectable()
export class PostgresAuditLog extends AuditLog {
  constructor(private readonly database: Database) {
    super();
  }

  async append(scope: TenantScope, entry: AuditEntry): Promise<void> {
    await this.database.withTenant(
      scope,
      (transaction) => transaction.execute`${appendEvent(scope, entry)}`,
    );
  }

  async appendNoted(events: readonly NotedEvent[]): Promise<void> {
    await this.database.withSystem((transaction) => transaction.$executeRaw(appendNoted(events)));
  }

  list(scope: TenantScope, page: AuditPage): Promise<AuditEvent[]> {
    return this.read(scope, fromPage(scope, page));
  }

  chained(scope: TenantScope, sequence: number, limit: number): Promise<AuditEvent[]> {
    return this.read(
      scope,
      Prisma.sql`FROM audit_events a WHERE a.tenant_id = ${scope.tenantId}::uuid
        AND a.sequence > ${sequence} ORDER BY a.sequence LIMIT ${limit}`,
    );
  }

  unchained(scope: TenantScope): Promise<number> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ waiting: number }[]>`
        SELECT count(*)::int AS waiting FROM audit_events
        WHERE tenant_id = ${scope.tenantId}::uuid AND sequence IS NULL`;
      return row?.waiting ?? 0;
    });
  }

  chain(limit: number): Promise<number> {
    return this.database.withSystem(async (transaction) => {
      const tenants = await transaction.$queryRaw<{ tenant_id: string }[]>`
        SELECT DISTINCT tenant_id FROM audit_events WHERE sequence IS NULL
        LIMIT ${TENANTS_AT_ONCE}`;
      let chained = 0;
      for (const { tenant_id: tenant } of tenants) {
        if (chained >= limit) break;
        chained += await chainTenant(transaction, tenant, limit - chained);
      }
      return chained;
    });
  }

  purged(scope: TenantScope): Promise<PurgedPart | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ details: PurgedPart }[]>`
        SELECT a.details FROM audit_events a
        WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.action = ${PURGE}
        ORDER BY a.id DESC LIMIT 1`;
      return row?.details;
    });
  }

  async purge(before: Date): Promise<number> {
    let purged = 0;
    for (let last: string | undefined; ;) {
      const tenant = await this.database.withSystem((transaction) => nextChain(transaction, last));
      if (tenant === undefined) return purged;
      purged += await this.database.withSystem((transaction) =>
        purgeTenant(transaction, tenant, before),
      );
      last = tenant;
    }
  }

  private read(scope: TenantScope, from: Prisma.Sql): Promise<AuditEvent[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<AuditRow[]>`SELECT ${AUDIT_COLUMNS} ${from}`;
      return rows.map(eventOfRow);
    });
  }
}
