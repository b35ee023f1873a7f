import type { Filter, FilterField, FilterScalar } from '@soma/filter';
import { Prisma } from '../generated/client.js';

type CompareFilter = Extract<Filter, { kind: 'compare' }>;

/**
 * The filter as a condition on a table or subquery named `m`. Values are parameters; only fixed
 * text is SQL. Never null, so that `not` means not.
 */
export function filterSql(filter: Filter): Prisma.Sql {
  switch (filter.kind) {
    case 'and':
      return Prisma.sql`(${Prisma.join(filter.filters.map(filterSql), ' AND ')})`;
    case 'or':
      return Prisma.sql`(${Prisma.join(filter.filters.map(filterSql), ' OR ')})`;
    case 'not':
      return Prisma.sql`NOT ${filterSql(filter.filter)}`;
    case 'compare':
      return compareSql(filter);
  }
}

function compareSql(filter: CompareFilter): Prisma.Sql {
  if (filter.op === 'ne') return Prisma.sql`NOT ${compareSql({ ...filter, op: 'eq' })}`;
  const values = valuesOf(filter);
  if (filter.op === 'in') return anyOf(values.map((value) => equals(filter.field, value)));
  const [value] = values;
  if (value === undefined) return Prisma.sql`false`;
  return filter.op === 'eq' ? equals(filter.field, value) : ordered(filter, value);
}

function valuesOf({ value }: CompareFilter): readonly FilterScalar[] {
  return typeof value === 'object' && value !== null ? value : [value];
}

function anyOf(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  if (conditions.length === 0) return Prisma.sql`false`;
  return Prisma.sql`(${Prisma.join([...conditions], ' OR ')})`;
}

function equals(field: FilterField, value: FilterScalar): Prisma.Sql {
  if (field.kind === 'metadata') {
    const json = JSON.stringify(value);
    return Prisma.sql`coalesce(${metadataSql(field.path)} = ${json}::jsonb, false)`;
  }
  switch (field.name) {
    case 'tags':
      return Prisma.sql`(${String(value)}::text = ANY (m.tags))`;
    case 'memory_type':
      return Prisma.sql`(m.memory_type = ${String(value)}::text)`;
    case 'coordinate':
      return Prisma.sql`(m.coordinate = ${String(value)}::text)`;
    case 'tier':
    case 'importance':
    case 'created_at':
    case 'updated_at':
      return Prisma.sql`(${numberColumn(field.name)} = ${String(value)}::float8)`;
  }
}

function ordered({ field, op }: CompareFilter, value: FilterScalar): Prisma.Sql {
  const operator = OPERATORS[op];
  if (!operator) return Prisma.sql`false`;
  if (field.kind === 'metadata') {
    const json = metadataSql(field.path);
    return typeof value === 'number'
      ? Prisma.sql`coalesce(CASE WHEN jsonb_typeof(${json}) = 'number'
          THEN (${json})::numeric ${operator} ${String(value)}::numeric END, false)`
      : Prisma.sql`coalesce(CASE WHEN jsonb_typeof(${json}) = 'string'
          THEN (${json} #>> '{}') COLLATE "C" ${operator} ${String(value)}::text END, false)`;
  }
  switch (field.name) {
    case 'tags':
      return Prisma.sql`EXISTS (SELECT 1 FROM unnest(m.tags) AS tag
        WHERE tag COLLATE "C" ${operator} ${String(value)}::text)`;
    case 'memory_type':
      return Prisma.sql`(m.memory_type COLLATE "C" ${operator} ${String(value)}::text)`;
    case 'coordinate':
      return Prisma.sql`(m.coordinate ${operator} ${String(value)}::text)`;
    case 'tier':
    case 'importance':
    case 'created_at':
    case 'updated_at':
      return Prisma.sql`(${numberColumn(field.name)} ${operator} ${String(value)}::float8)`;
  }
}

const OPERATORS: Partial<Record<CompareFilter['op'], Prisma.Sql>> = {
  gt: Prisma.sql`>`,
  gte: Prisma.sql`>=`,
  lt: Prisma.sql`<`,
  lte: Prisma.sql`<=`,
};

/** Times as milliseconds, which is what a filter holds. */
function numberColumn(name: 'tier' | 'importance' | 'created_at' | 'updated_at'): Prisma.Sql {
  switch (name) {
    case 'tier':
      return Prisma.sql`m.tier::float8`;
    case 'importance':
      return Prisma.sql`m.importance`;
    case 'created_at':
      return Prisma.sql`round(extract(epoch FROM m.created_at) * 1000)::float8`;
    case 'updated_at':
      return Prisma.sql`round(extract(epoch FROM m.updated_at) * 1000)::float8`;
  }
}

/** `->` with a text key, which takes no array element for a key that looks like a number. */
function metadataSql(path: readonly string[]): Prisma.Sql {
  const keys = path.map((key) => Prisma.sql`${key}::text`);
  return Prisma.sql`(${Prisma.join([Prisma.sql`m.metadata`, ...keys], ' -> ')})`;
}
