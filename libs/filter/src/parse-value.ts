import { parseCoordinate, SomaError } from '@soma/core';
import { isOrdering, takesList, type FieldKind } from './field-rules.js';
import type { Comparison, FilterScalar } from './filter.js';
import { filterFault, shown, type Pointer } from './filter-fault.js';
import { FILTER_LIMITS } from './filter-limits.js';
import { parseTimestamp } from './parse-timestamp.js';
import { isStorableText } from './storable-text.js';

type ScalarParser = (value: unknown, op: Comparison, at: Pointer) => FilterScalar;

/** Reads the value of one comparison: a list for `in`, else a scalar of the field's kind. */
export function parseValue(
  kind: FieldKind,
  op: Comparison,
  value: unknown,
  at: Pointer,
): FilterScalar | readonly FilterScalar[] {
  const parse = SCALARS[kind];
  if (!takesList(op)) return parse(value, op, at);
  if (!Array.isArray(value)) throw filterFault(at, `"${op}" takes a list of values.`);
  if (value.length === 0 || value.length > FILTER_LIMITS.listValues) {
    throw filterFault(
      at,
      `"${op}" takes 1 to ${FILTER_LIMITS.listValues} values; found ${value.length}.`,
    );
  }
  return Array.from(value, (item: unknown, index) => parse(item, op, [...at, index]));
}

const text: ScalarParser = (value, _op, at) => {
  if (typeof value !== 'string') throw expected('a string', value, at);
  if (!isStorableText(value)) {
    throw filterFault(at, 'A string has no NUL and no half of a surrogate pair.');
  }
  return value;
};

const number: ScalarParser = (value, _op, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw expected('a finite number', value, at);
  }
  return value === 0 ? 0 : value;
};

const integer: ScalarParser = (value, _op, at) => {
  if (!Number.isSafeInteger(value)) throw expected('a whole number', value, at);
  return number(value, 'eq', at);
};

const timestamp: ScalarParser = (value, op, at) => {
  const milliseconds = typeof value === 'string' ? parseTimestamp(value, op) : undefined;
  if (milliseconds === undefined) {
    throw expected('an ISO 8601 time with its zone, like "2026-01-31T08:00:00Z"', value, at);
  }
  return milliseconds;
};

const coordinate: ScalarParser = (value, _op, at) => {
  if (typeof value !== 'string') throw expected('a coordinate like "1.0,2.0,3.0"', value, at);
  try {
    return parseCoordinate(value).text;
  } catch (error) {
    if (error instanceof SomaError) throw filterFault(at, error.message);
    throw error;
  }
};

const any: ScalarParser = (value, op, at) => {
  if (typeof value === 'string') return text(value, op, at);
  if (typeof value === 'number') return number(value, op, at);
  if (isOrdering(op)) throw expected('a number or a string', value, at);
  if (typeof value === 'boolean' || value === null) return value;
  throw expected('a string, a number, true, false or null', value, at);
};

const SCALARS: Readonly<Record<FieldKind, ScalarParser>> = {
  text,
  integer,
  number,
  timestamp,
  coordinate,
  tags: text,
  any,
};

const expected = (what: string, value: unknown, at: Pointer): SomaError =>
  filterFault(at, `Expected ${what}; found ${shown(value)}.`);
