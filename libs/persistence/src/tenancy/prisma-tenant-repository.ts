import { Injectable } from '@nestjs/common';
import { Clock, type PageEnd, SomaError, type TenantId, TenantScope } from '@soma/core';
import { type RequestRates, type Tenant, TenantRepository } from '@soma/tenancy';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { Prisma, type Tenant as TenantRow } from '../generated/client.js';

const UNIQUE_VIOLATION = 'P2002';

@Injectable()
export class PrismaTenantRepository extends TenantRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async create(id: TenantId, name: string): Promise<Tenant> {
    try {
      const data = { id, name, createdAt: this.clock.now() };
      return await this.database.withSystem(async (transaction) => {
        const row = await transaction.tenant.create({ data });
        await transaction.$executeRaw(tenantEvent(id, 'tenants.create'));
        return tenantOfRow(row);
      });
    } catch (error) {
      const taken =
        error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION;
      if (!taken) throw error;
      throw new SomaError(
        'TENANT_EXISTS',
        `There is a tenant named "${name}"; choose another name.`,
      );
    }
  }

  find(id: TenantId): Promise<Tenant | undefined> {
    return this.database.withSystem(async ({ tenant }) => {
      const row = await tenant.findUnique({ where: { id, deletedAt: null } });
      return row ? tenantOfRow(row) : undefined;
    });
  }

  suspend(id: TenantId, at: Date | undefined): Promise<Tenant | undefined> {
    return this.database.withSystem(async (transaction) => {
      const { tenant } = transaction;
      const where = { id, suspendedAt: at ? null : { not: null } };
      const { count } = await tenant.updateMany({ where, data: { suspendedAt: at ?? null } });
      if (count > 0) {
        const action = at ? 'tenants.suspend' : 'tenants.resume';
        await transaction.$executeRaw(tenantEvent(id, action));
      }
      const row = await tenant.findUnique({ where: { id } });
      return row ? tenantOfRow(row) : undefined;
    });
  }

  rates(id: TenantId): Promise<RequestRates> {
    return this.database.withSystem(async ({ tenant }) => {
      const row = await tenant.findUnique({ where: { id } });
      return {
        perSecond: row?.maxRequestsPerSecond ?? null,
        perDay: row?.maxRequestsPerDay ?? null,
      };
    });
  }

  async setRates(id: TenantId, { perSecond, perDay }: RequestRates): Promise<void> {
    const data = { maxRequestsPerSecond: perSecond, maxRequestsPerDay: perDay };
    await this.database.withSystem(async (transaction) => {
      await transaction.tenant.updateMany({ where: { id }, data });
      await transaction.$executeRaw(tenantEvent(id, 'quotas.update_rates', { perSecond, perDay }));
    });
  }

  list(limit: number, after: PageEnd | undefined): Promise<Tenant[]> {
    const where = {
      deletedAt: null,
      OR: after && [
        { createdAt: { gt: new Date(after.value) } },
        { createdAt: new Date(after.value), id: { gt: after.id } },
      ],
    };
    return this.database.withSystem(async ({ tenant }) => {
      const orderBy = [{ createdAt: 'asc' as const }, { id: 'asc' as const }];
      return (await tenant.findMany({ where, orderBy, take: limit })).map(tenantOfRow);
    });
  }
}

const tenantEvent = (
  id: TenantId,
  action: string,
  details: Readonly<Record<string, unknown>> = {},
): Prisma.Sql =>
  appendEvent(TenantScope.of(id), {
    action,
    targetKind: 'tenant',
    target: id,
    outcome: 'done',
    details,
  });

function tenantOfRow(row: TenantRow): Tenant {
  return {
    id: row.id,
    name: row.name,
    created_at: row.createdAt.toISOString(),
    suspended_at: row.suspendedAt?.toISOString() ?? null,
  };
}
