import {
  fieldKind,
  isOptionalColumn,
  type Filter,
  type FilterColumn,
  type FilterScalar,
} from '@soma/filter';
import { balancedJoin } from './balanced-join.js';
import { ABSENT, FIELDS, TAGS_KEY } from './collection-schema.js';
import { metadataTest } from './metadata-comparison.js';
import { list, literal } from './milvus-literal.js';
import { operandTest, type Present } from './operand-comparison.js';
import type { TestContext } from './test-context.js';

export type CompareFilter = Extract<Filter, { kind: 'compare' }>;

/** The comparison, or undefined where this server cannot be trusted to make it as we mean it. */
export function comparisonTest(
  { field, op, value }: CompareFilter,
  context: TestContext,
): string | undefined {
  const values = presentValues(value);
  if (!values) return undefined;
  if (field.kind === 'metadata') return metadataTest(field.path, op, values, context);
  return field.name === 'tags' ? tagsTest(op, values) : columnTest(field.name, op, values);
}

function tagsTest(op: CompareFilter['op'], values: readonly Present[]): string | undefined {
  if (op === 'exists') return `${FIELDS.hasTags} == true`;
  const tags = `${FIELDS.tags}["${TAGS_KEY}"]`;
  return `json_contains_${op === 'all' ? 'all' : 'any'}(${tags}, ${list(values)})`;
}

function columnTest(
  name: Exclude<FilterColumn, 'tags'>,
  op: CompareFilter['op'],
  values: readonly Present[],
): string | undefined {
  const isPresent = isOptionalColumn(name)
    ? `${name} != ${literal(ABSENT[name])}`
    : // True of every row, as its negation is of none.
      `${FIELDS.key} != ""`;
  if (op === 'exists') return isPresent;
  const kind = fieldKind({ kind: 'column', name });
  const isWholeColumn = kind === 'integer' || kind === 'timestamp';
  if (isWholeColumn && !values.every(Number.isSafeInteger)) return undefined;
  const test = operandTest(name, op, values);
  if (test === undefined || !isOptionalColumn(name)) return test;
  return balancedJoin([isPresent, test], 'and');
}

/** Undefined where one is null, on which no two servers agree. */
function presentValues(value: CompareFilter['value']): Present[] | undefined {
  const scalars: readonly FilterScalar[] = [value].flat();
  const present = scalars.filter((scalar) => scalar !== null);
  return present.length < scalars.length ? undefined : present;
}
