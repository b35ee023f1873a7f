import type { TenantScope } from '@soma/core';
import { fieldKind, type Comparison, type Filter, type FilterScalar } from '@soma/filter';
import { FIELDS, TAGS_KEY } from './collection-schema.js';
import { literal, textLiteral } from './milvus-literal.js';
import type { FilterLogic } from './server-features.js';

type Compare = Extract<Filter, { kind: 'compare' }>;
type Test = Exclude<Comparison, 'ne' | 'in'>;

/** An expression that at least all matching entries pass; undefined where all must pass. */
type Restriction = string | undefined;

/**
 * What a search or count is restricted to. There is no way to build one without a scope, and the
 * tenant's term is always its last conjunct.
 */
export class TenantExpression {
  private constructor(readonly text: string) {}

  static of(
    scope: TenantScope,
    namespace: string,
    filter?: { readonly filter: Filter | undefined; readonly logic: FilterLogic },
  ): TenantExpression {
    const restriction = filter?.filter && compileFilter(filter.filter, filter.logic);
    const terms = [
      ...(restriction ? [`(${restriction})`] : []),
      `${FIELDS.namespace} == ${textLiteral(namespace)}`,
      `${FIELDS.tenantId} == ${textLiteral(scope.tenantId)}`,
    ];
    return new TenantExpression(terms.join(' and '));
  }
}

/**
 * The filter in Milvus' language. It never keeps out a matching entry; it lets others through where
 * the servers differ or fall short: `null`, metadata keys that look like list positions or hold
 * brackets, quotes or control characters, negated metadata terms on a server whose logic is unsure,
 * and entries whose metadata was too large to index.
 */
export const compileFilter = (filter: Filter, logic: FilterLogic): Restriction =>
  compile(filter, { logic, isNegated: false });

interface Context {
  readonly logic: FilterLogic;
  readonly isNegated: boolean;
}

/** Negation is carried down to the comparisons, so that leaving one out only ever widens. */
function compile(filter: Filter, context: Context): Restriction {
  switch (filter.kind) {
    case 'not':
      return compile(filter.filter, { ...context, isNegated: !context.isNegated });
    case 'compare':
      return filter.op === 'ne'
        ? comparison({ ...filter, op: 'eq' }, { ...context, isNegated: !context.isNegated })
        : comparison(filter, context);
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => compile(part, context));
      return (filter.kind === 'and') === context.isNegated ? anyOf(parts) : allOf(parts);
    }
  }
}

function allOf(parts: readonly Restriction[]): Restriction {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.map((part) => `(${part})`).join(' and ');
}

function anyOf(parts: readonly Restriction[]): Restriction {
  const known = parts.filter((part) => part !== undefined);
  return known.length < parts.length ? undefined : known.map((part) => `(${part})`).join(' or ');
}

function comparison(compare: Compare, { logic, isNegated }: Context): Restriction {
  const { field } = compare;
  const isInJson = field.kind === 'metadata' || field.name === 'tags';
  if (field.kind === 'metadata' && isNegated && logic === 'unsure') return undefined;
  const test = field.kind === 'metadata' ? metadataTest(field.path, compare) : columnTest(compare);
  if (test === undefined) return undefined;
  const polar = isNegated ? `not (${test})` : `(${test})`;
  return isInJson ? `${FIELDS.leftOut} == true or ${polar}` : polar;
}

function columnTest({ field, op, value }: Compare): Restriction {
  if (field.kind !== 'column') return undefined;
  const values = literals(value);
  const kind = fieldKind(field);
  const isWhole = [value].flat().every((item) => Number.isSafeInteger(item));
  if (!values || ((kind === 'integer' || kind === 'timestamp') && !isWhole)) return undefined;
  const list = `[${values.join(', ')}]`;
  if (kind === 'tags') return `json_contains_any(${FIELDS.tags}["${TAGS_KEY}"], ${list})`;
  return op === 'in'
    ? `${field.name} in ${list}`
    : `${field.name} ${SYMBOLS[asTest(op)]} ${values[0]}`;
}

function metadataTest(path: readonly string[], { op, value }: Compare): Restriction {
  const values = literals(value);
  if (!values || !path.every(isPlainKey)) return undefined;
  const key = `${FIELDS.metadata}${path.map((part) => `[${textLiteral(part)}]`).join('')}`;
  return values.map((item) => `${key} ${SYMBOLS[asTest(op)]} ${item}`).join(' or ');
}

const SYMBOLS: Readonly<Record<Test, string>> = {
  eq: '==',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};

const asTest = (op: Comparison): Test => (op === 'in' || op === 'ne' ? 'eq' : op);

/** Undefined where one is null, which no two servers agree on. */
function literals(value: Compare['value']): string[] | undefined {
  const scalars: readonly FilterScalar[] = [value].flat();
  const known = scalars.filter((scalar) => scalar !== null);
  return known.length < scalars.length ? undefined : known.map(literal);
}

const LIST_POSITION = /^-?\d*$/;
const AWKWARD = /[\p{Cc}[\]"'\\]/u;

/** A key that every server takes for what it is: 2.3 splits at brackets and indexes into lists. */
const isPlainKey = (key: string): boolean => !LIST_POSITION.test(key) && !AWKWARD.test(key);
