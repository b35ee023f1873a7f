import { isStorableText, parseCoordinate, SomaError } from '@soma/core';
import { isOrdering, type FieldKind } from './field-rules.js';
import type { FilterOperator, FilterScalar } from './filter.js';
import { filterFault, shown, type Pointer } from './filter-fault.js';
import { parseTimestamp } from './parse-timestamp.js';

type ScalarParser = (value: unknown, op: FilterOperator, at: Pointer) => FilterScalar;

export const expected = (what: string, value: unknown, at: Pointer): SomaError =>
  filterFault(at, `Expected ${what}; found ${shown(value)}.`);

export function parseText(value: unknown, at: Pointer): string {
  if (typeof value !== 'string') throw expected('a string', value, at);
  if (!isStorableText(value)) {
    throw filterFault(at, 'A string has no NUL and no half of a surrogate pair.');
  }
  return value;
}

const text: ScalarParser = (value, _op, at) => parseText(value, at);

const number: ScalarParser = (value, _op, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw expected('a finite number', value, at);
  }
  return value === 0 ? 0 : value;
};

const integer: ScalarParser = (value, op, at) => {
  if (!Number.isSafeInteger(value)) throw expected('a whole number', value, at);
  return number(value, op, at);
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

/** A single value of each kind of field, for an operator that takes one or a list of them. */
export const SCALARS: Readonly<Record<FieldKind, ScalarParser>> = {
  text,
  integer,
  number,
  timestamp,
  coordinate,
  tags: text,
  any,
};
