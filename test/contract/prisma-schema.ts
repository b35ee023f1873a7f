import { readFileSync } from 'node:fs';

/** One column, as the schema says it or as the database has it. */
export interface Column {
  readonly table: string;
  readonly column: string;
  /** As PostgreSQL's format_type writes it; an array ends with []. */
  readonly type: string;
  readonly nullable: boolean;
  /** Place in the primary key, from 1; 0 when it is not part of it. */
  readonly keyPosition: number;
}

const SCALARS: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Boolean: 'boolean',
  Json: 'jsonb',
  Bytes: 'bytea',
  'DateTime @db.Timestamptz(6)': 'timestamp with time zone',
  'DateTime @db.Date': 'date',
  'String @db.Uuid': 'uuid',
};

const MODEL = /^model (\w+) \{\n([\s\S]*?)^\}/gm;
const FIELD = /^ {2}(\w+) +(\w+)(\[\]|\?)?(.*)$/gm;

/** The columns that prisma/schema.prisma describes, by table and name. */
export function columnsOfSchema(path = 'prisma/schema.prisma'): Column[] {
  const schema = readFileSync(path, 'utf8');
  return [...schema.matchAll(MODEL)]
    .flatMap(([, model = '', body = '']) => columnsOfModel(model, body))
    .sort(byTableAndColumn);
}

function columnsOfModel(model: string, body: string): Column[] {
  const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? model;
  const compound = /@@id\(\[([\w, ]+)\]/.exec(body)?.[1]?.split(/, */) ?? [];
  return [...body.matchAll(FIELD)].map(([, field = '', type = '', suffix, attributes = '']) => {
    const native = /@db\.\w+(?:\(\d+\))?/.exec(attributes)?.[0];
    const known = SCALARS[native === undefined ? type : `${type} ${native}`];
    if (known === undefined) throw new Error(`${model}.${field} has a type not known here.`);
    const isKey = /@id\b/.test(attributes);
    return {
      table,
      column: /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? field,
      type: suffix === '[]' ? `${known}[]` : known,
      nullable: suffix === '?',
      keyPosition: isKey ? 1 : compound.indexOf(field) + 1,
    };
  });
}

/** The same of the database asked; every role may ask it. */
export const COLUMNS_OF_DATABASE = `
  SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
    NOT a.attnotnull AS nullable,
    coalesce(array_position(k.conkey, a.attnum), 0)::int AS "keyPosition"
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
  WHERE c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'`;

export function byTableAndColumn(left: Column, right: Column): number {
  const [first, second] = [`${left.table}.${left.column}`, `${right.table}.${right.column}`];
  return first < second ? -1 : Number(first > second);
}
