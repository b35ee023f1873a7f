import { Injectable } from '@nestjs/common';
import { Clock, type PageEnd, SomaError, type TenantId } from '@soma/core';
import { type Tenant, TenantRepository } from '@soma/tenancy';
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
      return await this.database.withSystem(async ({ tenant }) =>
        tenantOfRow(await tenant.create({ data })),
      );
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
      const row = await tenant.findUnique({ where: { id } });
      return row ? tenantOfRow(row) : undefined;
    });
  }

  list(limit: number, after: PageEnd | undefined): Promise<Tenant[]> {
    const where = after && {
      OR: [
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

function tenantOfRow(row: TenantRow): Tenant {
  return { id: row.id, name: row.name, created_at: row.createdAt.toISOString() };
}
