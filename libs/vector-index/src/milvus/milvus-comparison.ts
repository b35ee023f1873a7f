import { fieldKind, type Comparison, type Filter, type FilterScalar } from '@soma/filter';
import { balancedJoin } from './balanced-join.js';
import { FIELDS, TAGS_KEY } from './collection-schema.js';
import { literal } from './milvus-literal.js';
import type { FilterDialect } from './server-features.js';

/** A comparison whose negation, if any, is said apart: there is no `ne`. */
export type PositiveComparison = Extract<Filter, { kind: 'compare' }> & {
  readonly op: Exclude<Comparison, 'ne'>;
};

type Present = Exclude<FilterScalar, null>;

const SYMBOLS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** The comparison, or undefined where this server cannot be trusted to make it as we mean it. */
export function comparisonTest(
  compare: PositiveComparison,
  dialect: FilterDialect,
): string | undefined {
  const values = presentValues(compare.value);
  if (!values) return undefined;
  return compare.field.kind === 'metadata'
    ? metadataTest(compare.field.path, compare.op, values, dialect)
    : columnTest(compare, values);
}

function columnTest(
  { field, op }: PositiveComparison,
  values: readonly Present[],
): string | undefined {
  if (field.kind !== 'column') return undefined;
  const kind = fieldKind(field);
  const isWholeColumn = kind === 'integer' || kind === 'timestamp';
  if (isWholeColumn && !values.every(Number.isSafeInteger)) return undefined;
  if (kind === 'tags') return `json_contains_any(${FIELDS.tags}["${TAGS_KEY}"], ${list(values)})`;
  return op === 'eq' || op === 'in' ? anyOf(field.name, values) : ordering(field.name, op, values);
}

function metadataTest(
  path: readonly string[],
  op: PositiveComparison['op'],
  values: readonly Present[],
  { hasJsonLists }: FilterDialect,
): string | undefined {
  if (!path.every(isPlainKey)) return undefined;
  const key = `${FIELDS.metadata}${path.map((part) => `[${literal(part)}]`).join('')}`;
  if (op !== 'eq' && op !== 'in') return ordering(key, op, values);
  const groups = hasJsonLists
    ? [...Map.groupBy(values, literalType).values()]
    : values.map((value) => [value]);
  return balancedJoin(
    groups.map((group) => anyOf(key, group)),
    'or',
  );
}

/** Milvus takes lists of one type only, and whole numbers and others are two. */
function literalType(value: Present): string {
  if (typeof value !== 'number') return typeof value;
  return Number.isSafeInteger(value) ? 'integer' : 'float';
}

function anyOf(operand: string, values: readonly Present[]): string {
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? `${operand} == ${literal(only)}`
    : `${operand} in ${list(values)}`;
}

const ordering = (
  operand: string,
  op: keyof typeof SYMBOLS,
  [value]: readonly Present[],
): string | undefined =>
  value === undefined ? undefined : `${operand} ${SYMBOLS[op]} ${literal(value)}`;

const list = (values: readonly Present[]): string => `[${values.map(literal).join(', ')}]`;

/** Undefined where one is null, on which no two servers agree. */
function presentValues(value: PositiveComparison['value']): Present[] | undefined {
  const scalars: readonly FilterScalar[] = [value].flat();
  const present = scalars.filter((scalar) => scalar !== null);
  return present.length < scalars.length ? undefined : present;
}

const LIST_POSITION = /^-?\d*$/;
const AWKWARD = /[\p{Cc}[\]"'\\]/u;

/** A key that every server takes for what it is: 2.3 splits at brackets and indexes into lists. */
const isPlainKey = (key: string): boolean => !LIST_POSITION.test(key) && !AWKWARD.test(key);
