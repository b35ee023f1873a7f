import { COMPARISONS, type Comparison, type FilterColumn, type FilterField } from './filter.js';

/** What a field holds, which decides the values and operators it takes. */
export type FieldKind = 'text' | 'integer' | 'number' | 'timestamp' | 'coordinate' | 'tags' | 'any';

const COLUMN_KINDS: Readonly<Record<FilterColumn, FieldKind>> = {
  memory_type: 'text',
  tier: 'integer',
  importance: 'number',
  created_at: 'timestamp',
  updated_at: 'timestamp',
  coordinate: 'coordinate',
  tags: 'tags',
};

const UNORDERED: readonly Comparison[] = ['eq', 'ne', 'in'];

const OPERATORS: Readonly<Record<FieldKind, readonly Comparison[]>> = {
  text: COMPARISONS,
  integer: COMPARISONS,
  number: COMPARISONS,
  timestamp: COMPARISONS,
  coordinate: UNORDERED,
  tags: UNORDERED,
  any: COMPARISONS,
};

export const fieldKind = (field: FilterField): FieldKind =>
  field.kind === 'metadata' ? 'any' : COLUMN_KINDS[field.name];

export const operatorsOf = (kind: FieldKind): readonly Comparison[] => OPERATORS[kind];

/** Operators that need an order, so a number, a string or a time. */
export const isOrdering = (op: Comparison): boolean =>
  op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte';

export const takesList = (op: Comparison): boolean => op === 'in';
