import type { TenantScope } from '@soma/core';
import type { DeletionTarget, MemoryAddress, MemoryPageRequest } from '@soma/memory';
import { Prisma } from '../generated/client.js';
import { NOT_SUPERSEDED, OWN_NOT_SUPERSEDED, ownValidAt, validAt } from './fact-sql.js';
import { filterSql } from './filter-sql.js';
import { NOT_EXPIRED } from './memory-row.js';

/** The tenant stands in every condition, besides the row-level security below it. */
const ofTenant = (scope: TenantScope) => Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid`;

export function whereAddress(scope: TenantScope, address: MemoryAddress): Prisma.Sql {
  return Prisma.sql`${ofTenant(scope)} AND ${namedAs(address)} AND ${NOT_EXPIRED}`;
}

/** Of a table or subquery named `m`. */
export function namedAs(address: MemoryAddress): Prisma.Sql {
  return address.kind === 'id'
    ? Prisma.sql`m.id = ${address.id}::uuid`
    : Prisma.sql`m.namespace = ${address.namespace} AND m.coordinate = ${address.coordinate.text}`;
}

export function whereTarget(scope: TenantScope, target: DeletionTarget): Prisma.Sql {
  return Prisma.sql`${ofTenant(scope)} AND ${namedBy(target)}`;
}

function namedBy(target: DeletionTarget): Prisma.Sql {
  if (target.kind === 'ids') return Prisma.sql`m.id = ANY (${target.ids}::uuid[])`;
  const within = Prisma.sql`m.namespace = ${target.namespace}`;
  return target.kind === 'namespace'
    ? within
    : Prisma.sql`${within} AND NOT m.derived AND ${filterSql(target.filter)}`;
}

export function wherePage(scope: TenantScope, request: MemoryPageRequest): Prisma.Sql {
  const among = whereAmong(scope, request);
  return request.after ? Prisma.sql`${among} AND ${afterRow(request, request.after)}` : among;
}

/** What a page is of: memories, or what was known of them. */
export function whereAmong(scope: TenantScope, request: MemoryConditions): Prisma.Sql {
  const conditions = [ofTenant(scope), Prisma.sql`m.namespace = ${request.namespace}`];
  if (!request.knownAt) conditions.push(NOT_EXPIRED);
  if (request.slot !== undefined) conditions.push(Prisma.sql`m.slot = ${request.slot}`);
  if (!request.withSuperseded) conditions.push(inForce(request));
  if (!request.withDerived) conditions.push(Prisma.sql`NOT m.derived`);
  if (request.memoryType) conditions.push(Prisma.sql`m.memory_type = ${request.memoryType}`);
  if (request.box) conditions.push(insideBox(request.box));
  if (request.filter) conditions.push(filterSql(request.filter));
  return Prisma.join(conditions, ' AND ');
}

type MemoryConditions = Omit<MemoryPageRequest, 'limit' | 'sort' | 'order' | 'after'>;

/** Today's facts have a table of their own; known ones bring their intervals along. */
function inForce({ knownAt, validAt: moment }: MemoryConditions): Prisma.Sql {
  if (knownAt) return moment ? ownValidAt(moment) : OWN_NOT_SUPERSEDED;
  return moment ? validAt(moment) : NOT_SUPERSEDED;
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
