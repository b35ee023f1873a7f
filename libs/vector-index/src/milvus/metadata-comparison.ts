import type { Comparison } from '@soma/filter';
import { balancedJoin } from './balanced-join.js';
import { FIELDS } from './collection-schema.js';
import { list, literal } from './milvus-literal.js';
import { operandTest, type Present } from './operand-comparison.js';
import type { TestContext } from './test-context.js';

/** A comparison of what stands at a path of the metadata. */
export function metadataTest(
  path: readonly string[],
  op: Comparison,
  values: readonly Present[],
  context: TestContext,
): string | undefined {
  if (!path.every(isPlainKey)) return undefined;
  const key = `${FIELDS.metadata}${path.map((part) => `[${literal(part)}]`).join('')}`;
  switch (op) {
    case 'eq':
    case 'in':
      return equalityTest(key, values, context);
    case 'exists':
      // Others than 2.3 do not find a null.
      return context.dialect.logic === 'two-valued' ? `exists ${key}` : undefined;
    case 'contains':
      return containsTest(key, values, context);
    case 'any':
    case 'all':
      return listTest(key, op, values, context);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'startswith':
      return operandTest(key, op, values);
  }
}

function equalityTest(
  key: string,
  values: readonly Present[],
  { dialect }: TestContext,
): string | undefined {
  const groups = dialect.hasJsonLists ? byType(values) : values.map((value) => [value]);
  const tests = groups.map((group) => operandTest(key, 'in', group));
  const known = tests.filter((test) => test !== undefined);
  return known.length < tests.length ? undefined : balancedJoin(known, 'or');
}

/** A text may contain another as well as a list may, which no server can be asked: all texts pass. */
function containsTest(
  key: string,
  values: readonly Present[],
  context: TestContext,
): string | undefined {
  const isMember = listTest(key, 'any', values, context);
  if (isMember === undefined || context.isNegated || typeof values[0] !== 'string') return isMember;
  return balancedJoin([isMember, `${key} >= ""`], 'or');
}

function listTest(
  key: string,
  op: 'any' | 'all',
  values: readonly Present[],
  { dialect }: TestContext,
): string | undefined {
  if (!dialect.hasJsonLists) return undefined;
  const tests = byType(values).map((group) => `json_contains_${op}(${key}, ${list(group)})`);
  return balancedJoin(tests, op === 'any' ? 'or' : 'and');
}

/** Milvus takes lists of one type only, and whole numbers and others are two. */
const byType = (values: readonly Present[]): Present[][] => [
  ...Map.groupBy(values, literalType).values(),
];

function literalType(value: Present): string {
  if (typeof value !== 'number') return typeof value;
  return Number.isSafeInteger(value) ? 'integer' : 'float';
}

const LIST_POSITION = /^-?\d*$/;
const AWKWARD = /[\p{Cc}[\]"'\\]/u;

/** A key that every server takes for what it is: 2.3 splits at brackets and indexes into lists. */
const isPlainKey = (key: string): boolean => !LIST_POSITION.test(key) && !AWKWARD.test(key);
