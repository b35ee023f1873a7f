import { fieldKind } from './field-rules.js';
import type { Comparison, Filter, FilterField, FilterOperator, FilterScalar } from './filter.js';
import { filterFault, type Pointer } from './filter-fault.js';
import { FILTER_LIMITS } from './filter-limits.js';
import { expected, parseText, SCALARS } from './parse-scalar.js';

/** Reads one operator and its value as the comparisons it stands for. */
export function parseComparison(
  field: FilterField,
  op: FilterOperator,
  value: unknown,
  at: Pointer,
): Filter {
  const compare = (
    comparison: Comparison,
    operand: FilterScalar | readonly FilterScalar[],
  ): Filter => ({ kind: 'compare', field, op: comparison, value: operand });
  const scalar = (): FilterScalar => SCALARS[fieldKind(field)](value, op, at);
  switch (op) {
    case 'eq':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'contains':
      return compare(op, scalar());
    case 'startswith':
      return compare(op, parseText(value, at));
    case 'in':
    case 'any':
    case 'all':
      return compare(op, parseList(field, op, value, at));
    case 'ne':
      return not(compare('eq', scalar()));
    case 'nin':
      return not(compare('in', parseList(field, op, value, at)));
    case 'between': {
      const [low, high] = parseBounds(field, value, at);
      return { kind: 'and', filters: [compare('gte', low), compare('lte', high)] };
    }
    case 'exists': {
      if (typeof value !== 'boolean') throw expected('true or false', value, at);
      return value ? compare('exists', true) : not(compare('exists', true));
    }
  }
}

const not = (filter: Filter): Filter => ({ kind: 'not', filter });

function parseList(
  field: FilterField,
  op: FilterOperator,
  value: unknown,
  at: Pointer,
): FilterScalar[] {
  const parse = SCALARS[fieldKind(field)];
  if (!Array.isArray(value)) throw filterFault(at, `"${op}" takes a list of values.`);
  if (value.length === 0 || value.length > FILTER_LIMITS.listValues) {
    throw filterFault(
      at,
      `"${op}" takes 1 to ${FILTER_LIMITS.listValues} values; found ${value.length}.`,
    );
  }
  return Array.from(value, (item: unknown, index) => parse(item, op, [...at, index]));
}

/** Both ends belong to it, so a time too fine for memories is moved inwards. */
function parseBounds(
  field: FilterField,
  value: unknown,
  at: Pointer,
): readonly [low: FilterScalar, high: FilterScalar] {
  if (!Array.isArray(value) || value.length !== 2) {
    throw filterFault(at, '"between" takes a list of two values: the lowest and the highest.');
  }
  const parse = SCALARS[fieldKind(field)];
  const low = parse(value[0], 'gte', [...at, 0]);
  const high = parse(value[1], 'lte', [...at, 1]);
  if (typeof low !== typeof high) {
    throw filterFault(at, '"between" takes two numbers or two strings, not one of each.');
  }
  return [low, high];
}
