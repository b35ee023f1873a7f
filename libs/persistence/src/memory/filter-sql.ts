import type { Filter } from '@soma/filter';
import { Prisma } from '../generated/client.js';
import { columnSql } from './column-filter-sql.js';
import { metadataSql } from './metadata-filter-sql.js';

const METADATA = Prisma.sql`m.metadata`;
const UNPACKED = Prisma.sql`unpacked.metadata`;

/**
 * The filter as a condition on a table or subquery named `m`. Values are parameters; only fixed
 * text is SQL. Never null, so that `not` means not.
 */
export function filterSql(filter: Filter): Prisma.Sql {
  if (metadataComparisons(filter) < 2) return conditionSql(filter, METADATA);
  // A row keeps large metadata compressed, and each comparison would unpack it again: OFFSET keeps the
  // subquery, and its concatenation, from being put in place of its column.
  return Prisma.sql`(SELECT ${conditionSql(filter, UNPACKED)}
    FROM (SELECT m.metadata || '{}'::jsonb AS metadata OFFSET 0) unpacked)`;
}

function conditionSql(filter: Filter, metadata: Prisma.Sql): Prisma.Sql {
  const inner = (one: Filter): Prisma.Sql => conditionSql(one, metadata);
  switch (filter.kind) {
    case 'and':
      return Prisma.sql`(${Prisma.join(filter.filters.map(inner), ' AND ')})`;
    case 'or':
      return Prisma.sql`(${Prisma.join(filter.filters.map(inner), ' OR ')})`;
    case 'not':
      return Prisma.sql`NOT ${inner(filter.filter)}`;
    case 'compare': {
      const { field, op, value } = filter;
      const values = [value].flat();
      return field.kind === 'metadata'
        ? metadataSql({ metadata, path: field.path }, op, values)
        : columnSql(field.name, op, values);
    }
  }
}

function metadataComparisons(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, one) => sum + metadataComparisons(one), 0);
    case 'not':
      return metadataComparisons(filter.filter);
    case 'compare':
      return filter.field.kind === 'metadata' ? 1 : 0;
  }
}
