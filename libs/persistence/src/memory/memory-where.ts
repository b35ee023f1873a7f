import type { TenantScope } from '@soma/core';
import type { DeletionTarget, MemoryAddress, MemoryPageRequest } from '@soma/memory';
import { Prisma } from '../generated/client.js';
import { filterSql } from './filter-sql.js';
import { NOT_EXPIRED } from './memory-row.js';

/** The tenant stands in every condition, besides the row-level security below it. */
const ofTenant = (scope: TenantScope) => Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid`;

export function whereAddress(scope: TenantScope, address: MemoryAddress): Prisma.Sql {
  const named =
    address.kind === 'id'
      ? Prisma.sql`m.id = ${address.id}::uuid`
      : Prisma.sql`m.namespace = ${address.namespace} AND m.coordinate = ${address.coordinate.text}`;
  return Prisma.sql`${ofTenant(scope)} AND ${named} AND ${NOT_EXPIRED}`;
}

export function whereTarget(scope: TenantScope, target: DeletionTarget): Prisma.Sql {
  const named =
    target.kind === 'ids'
      ? Prisma.sql`m.id = ANY (${target.ids}::uuid[])`
      : Prisma.sql`m.namespace = ${target.namespace} AND ${filterSql(target.filter)}`;
  return Prisma.sql`${ofTenant(scope)} AND ${named}`;
}

export function wherePage(scope: TenantScope, request: MemoryPageRequest): Prisma.Sql {
  const conditions = [ofTenant(scope), Prisma.sql`m.namespace = ${request.namespace}`, NOT_EXPIRED];
  if (request.memoryType) conditions.push(Prisma.sql`m.memory_type = ${request.memoryType}`);
  if (request.box) conditions.push(insideBox(request.box));
  if (request.filter) conditions.push(filterSql(request.filter));
  if (request.after) conditions.push(afterRow(request, request.after));
  return Prisma.join(conditions, ' AND ');
}

export function orderOfPage({ sort, order }: MemoryPageRequest): Prisma.Sql {
  return order === 'asc'
    ? Prisma.sql`${SORT_COLUMNS[sort]} ASC, m.id ASC`
    : Prisma.sql`${SORT_COLUMNS[sort]} DESC, m.id DESC`;
}

const SORT_COLUMNS = {
  created_at: Prisma.sql`m.created_at`,
  updated_at: Prisma.sql`m.updated_at`,
  importance: Prisma.sql`m.importance`,
  coordinate: Prisma.sql`m.coordinate`,
};

function afterRow(
  { sort, order }: MemoryPageRequest,
  after: NonNullable<MemoryPageRequest['after']>,
): Prisma.Sql {
  const comparison = order === 'asc' ? Prisma.sql`>` : Prisma.sql`<`;
  const value = {
    created_at: Prisma.sql`${String(after.value)}::timestamptz`,
    updated_at: Prisma.sql`${String(after.value)}::timestamptz`,
    importance: Prisma.sql`${String(after.value)}::float8`,
    coordinate: Prisma.sql`${String(after.value)}::text`,
  }[sort];
  return Prisma.sql`(${SORT_COLUMNS[sort]}, m.id) ${comparison} (${value}, ${after.id}::uuid)`;
}

function insideBox({ min, max }: NonNullable<MemoryPageRequest['box']>): Prisma.Sql {
  const axes = min.map((low, axis) => {
    const component = Prisma.sql`m.coordinate_values[${axis + 1}::int]`;
    return Prisma.sql`${component} BETWEEN ${String(low)}::float8 AND ${String(max[axis])}::float8`;
  });
  return Prisma.sql`(cardinality(m.coordinate_values) = ${min.length}::int AND ${Prisma.join(axes, ' AND ')})`;
}
