import type { Filter } from '@soma/filter';
import { Prisma } from '../generated/client.js';
import { columnSql } from './column-filter-sql.js';
import { metadataSql } from './metadata-filter-sql.js';

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
    case 'compare': {
      const { field, op, value } = filter;
      const values = [value].flat();
      return field.kind === 'metadata'
        ? metadataSql(field.path, op, values)
        : columnSql(field.name, op, values);
    }
  }
}
