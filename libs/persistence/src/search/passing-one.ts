import type { TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import { Prisma } from '../generated/client.js';
import { filterSql } from '../memory/filter-sql.js';

/**
 * The id of this memory if the filter lets it pass, else no row. Joined by LATERAL, it is looked up by its
 * key and judged once: the planner, which knows nothing of how many rows a tenant has, would else judge
 * every memory of the tenant for each of another table.
 */
export const passingOne = (scope: TenantScope, filter: Filter, id: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`SELECT m.id FROM memories m
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ${id} AND ${filterSql(filter)} LIMIT 1`;
