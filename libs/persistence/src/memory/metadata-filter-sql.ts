import type { Comparison, FilterScalar } from '@soma/filter';
import { Prisma } from '../generated/client.js';
import { ORDERINGS } from './ordering-sql.js';

export interface MetadataPath {
  /** The column that has it all. */
  readonly metadata: Prisma.Sql;
  readonly path: readonly string[];
}

/** A comparison of what stands at a path of a memory's metadata; never null. */
export function metadataSql(
  at: MetadataPath,
  op: Comparison,
  values: readonly FilterScalar[],
): Prisma.Sql {
  const found = valueAt(at);
  const [value = null] = values;
  switch (op) {
    case 'exists':
      return Prisma.sql`(${found} IS NOT NULL)`;
    case 'eq':
      return Prisma.sql`coalesce(${found} = ${JSON.stringify(value)}::jsonb, false)`;
    case 'in':
      return Prisma.sql`coalesce(${found} = ANY (${jsonb(values)}), false)`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof value === 'number'
        ? ofType(
            'number',
            found,
            Prisma.sql`(${found})::numeric ${ORDERINGS[op]} ${String(value)}::numeric`,
          )
        : ofType(
            'string',
            found,
            Prisma.sql`${textOf(found)} COLLATE "C" ${ORDERINGS[op]} ${value}::text`,
          );
    case 'startswith':
      return ofType('string', found, Prisma.sql`starts_with(${textOf(found)}, ${value}::text)`);
    case 'contains': {
      if (typeof value !== 'string') return listSql('any', found, values);
      return Prisma.sql`coalesce(CASE jsonb_typeof(${found})
        WHEN ${TYPES.string} THEN strpos(${textOf(found)}, ${value}::text) > 0
        WHEN ${TYPES.array} THEN ${found} @> ANY (${jsonb([[value]])}) END, false)`;
    }
    case 'any':
    case 'all':
      return listSql(op, found, values);
  }
}

/** `@>` of lists looks among the members themselves, not into lists among them. */
function listSql(
  op: 'any' | 'all',
  found: Prisma.Sql,
  values: readonly FilterScalar[],
): Prisma.Sql {
  const test =
    op === 'all'
      ? Prisma.sql`${found} @> ${JSON.stringify(values)}::jsonb`
      : Prisma.sql`${found} @> ANY (${jsonb(values.map((value) => [value]))})`;
  return ofType('array', found, test);
}

const TYPES = {
  number: Prisma.sql`'number'`,
  string: Prisma.sql`'string'`,
  array: Prisma.sql`'array'`,
};

/** False of any other type, for which the test may even fail. */
const ofType = (type: keyof typeof TYPES, found: Prisma.Sql, test: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`coalesce(CASE WHEN jsonb_typeof(${found}) = ${TYPES[type]} THEN ${test} END, false)`;

const textOf = (found: Prisma.Sql): Prisma.Sql => Prisma.sql`(${found} #>> '{}')`;

const jsonb = (values: readonly unknown[]): Prisma.Sql =>
  Prisma.sql`${values.map((value) => JSON.stringify(value))}::text[]::jsonb[]`;

/** `->` with a text key, which takes no array element for a key that looks like a number. */
function valueAt({ metadata, path }: MetadataPath): Prisma.Sql {
  const keys = path.map((key) => Prisma.sql`${key}::text`);
  return Prisma.sql`(${Prisma.join([metadata, ...keys], ' -> ')})`;
}
