import {
  type Comparison,
  type FilterColumn,
  type FilterScalar,
  isOptionalColumn,
} from '@soma/filter';
import { Prisma } from '../generated/client.js';
import { ORDERINGS } from './ordering-sql.js';

type Values = readonly FilterScalar[];
type PlainColumn = Exclude<FilterColumn, 'tags'>;

/** A comparison of a column with values of its kind; never null. */
export function columnSql(name: FilterColumn, op: Comparison, values: Values): Prisma.Sql {
  if (name === 'tags') return tagsSql(op, values);
  const { sql, type } = COLUMNS[name];
  if (op === 'exists') {
    return isOptionalColumn(name) ? Prisma.sql`(${sql} IS NOT NULL)` : Prisma.sql`true`;
  }
  const test = type === 'text' ? textSql(sql, op, values) : numberSql(sql, op, values);
  return isOptionalColumn(name) ? Prisma.sql`(${sql} IS NOT NULL AND ${test})` : test;
}

const milliseconds = (column: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`round(extract(epoch FROM ${column}) * 1000)::float8`;

/** Times as milliseconds, which is what a filter holds. */
const COLUMNS: Readonly<Record<PlainColumn, { sql: Prisma.Sql; type: 'text' | 'number' }>> = {
  memory_type: { sql: Prisma.sql`m.memory_type`, type: 'text' },
  coordinate: { sql: Prisma.sql`m.coordinate`, type: 'text' },
  session_id: { sql: Prisma.sql`m.session_id`, type: 'text' },
  speaker: { sql: Prisma.sql`m.speaker`, type: 'text' },
  tier: { sql: Prisma.sql`m.tier::float8`, type: 'number' },
  importance: { sql: Prisma.sql`m.importance`, type: 'number' },
  trust: { sql: Prisma.sql`m.trust`, type: 'number' },
  created_at: { sql: milliseconds(Prisma.sql`m.created_at`), type: 'number' },
  updated_at: { sql: milliseconds(Prisma.sql`m.updated_at`), type: 'number' },
  occurred_at: { sql: milliseconds(Prisma.sql`m.occurred_at`), type: 'number' },
};

function textSql(column: Prisma.Sql, op: Comparison, values: Values): Prisma.Sql {
  const texts = values.map(String);
  const text = Prisma.sql`${texts[0]}::text`;
  switch (op) {
    case 'eq':
      return Prisma.sql`(${column} = ${text})`;
    case 'in':
      return Prisma.sql`(${column} = ANY (${texts}::text[]))`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return Prisma.sql`(${column} COLLATE "C" ${ORDERINGS[op]} ${text})`;
    case 'contains':
      return Prisma.sql`(strpos(${column}, ${text}) > 0)`;
    case 'startswith':
      return Prisma.sql`starts_with(${column}, ${text})`;
    case 'exists':
    case 'any':
    case 'all':
      return Prisma.sql`false`;
  }
}

function numberSql(column: Prisma.Sql, op: Comparison, values: Values): Prisma.Sql {
  const numbers = values.map(String);
  const number = Prisma.sql`${numbers[0]}::float8`;
  switch (op) {
    case 'eq':
      return Prisma.sql`(${column} = ${number})`;
    case 'in':
      return Prisma.sql`(${column} = ANY (${numbers}::text[]::float8[]))`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return Prisma.sql`(${column} ${ORDERINGS[op]} ${number})`;
    case 'contains':
    case 'startswith':
    case 'exists':
    case 'any':
    case 'all':
      return Prisma.sql`false`;
  }
}

function tagsSql(op: Comparison, values: Values): Prisma.Sql {
  const tags = values.map(String);
  switch (op) {
    case 'eq':
    case 'contains':
      return Prisma.sql`(${tags[0]}::text = ANY (m.tags))`;
    case 'in':
    case 'any':
      return Prisma.sql`(m.tags && ${tags}::text[])`;
    case 'all':
      return Prisma.sql`(m.tags @> ${tags}::text[])`;
    case 'exists':
      return Prisma.sql`(cardinality(m.tags) > 0)`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'startswith':
      return Prisma.sql`false`;
  }
}
