import type { Comparison, FilterScalar } from '@soma/filter';
import { balancedJoin } from './balanced-join.js';
import { list, literal } from './milvus-literal.js';

export type Present = Exclude<FilterScalar, null>;

const SYMBOLS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * A comparison of a column or a JSON key that holds no list; undefined where no server can be
 * trusted with it. Of patterns 2.3 knows prefixes only, and not as text: they are said as a range.
 */
export function operandTest(
  operand: string,
  op: Comparison,
  values: readonly Present[],
): string | undefined {
  const [value] = values;
  if (value === undefined) return undefined;
  switch (op) {
    case 'eq':
    case 'in':
      return values.length === 1
        ? `${operand} == ${literal(value)}`
        : `${operand} in ${list(values)}`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return `${operand} ${SYMBOLS[op]} ${literal(value)}`;
    case 'startswith': {
      const beyond = firstBeyond(String(value));
      const bounds = [
        `${operand} >= ${literal(value)}`,
        ...(beyond === undefined ? [] : [`${operand} < ${literal(beyond)}`]),
      ];
      return balancedJoin(bounds, 'and');
    }
    case 'contains':
    case 'exists':
    case 'any':
    case 'all':
      return undefined;
  }
}

const LAST_CODE_POINT = 0x10_ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;

/** The least text, by code points, above all that begin with the prefix; undefined if none is. */
function firstBeyond(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  const last = points.findLastIndex((point) => point < LAST_CODE_POINT);
  const point = points[last];
  if (point === undefined) return undefined;
  const next = point === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : point + 1;
  return String.fromCodePoint(...points.slice(0, last), next);
}
