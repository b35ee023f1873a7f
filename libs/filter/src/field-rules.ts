import {
  FILTER_OPERATORS,
  type FilterColumn,
  type FilterField,
  type FilterOperator,
} from './filter.js';

/** What a field holds, which decides the values and operators it takes. */
export type FieldKind = 'text' | 'integer' | 'number' | 'timestamp' | 'coordinate' | 'tags' | 'any';

const COLUMN_KINDS: Readonly<Record<FilterColumn, FieldKind>> = {
  memory_type: 'text',
  tier: 'integer',
  importance: 'number',
  trust: 'number',
  created_at: 'timestamp',
  updated_at: 'timestamp',
  coordinate: 'coordinate',
  tags: 'tags',
  session_id: 'text',
  speaker: 'text',
  occurred_at: 'timestamp',
};

const EQUALITY = ['eq', 'ne', 'in', 'nin', 'exists'] as const;
const ORDERING = ['gt', 'gte', 'lt', 'lte', 'between'] as const;
const PARTS_OF_TEXT = ['contains', 'startswith'] as const;
const MEMBERS = ['contains', 'any', 'all'] as const;

/** In the order in which they are always listed. */
const operators = (...taken: readonly (readonly FilterOperator[])[]): readonly FilterOperator[] =>
  FILTER_OPERATORS.filter((operator) => taken.some((some) => some.includes(operator)));

const OPERATORS: Readonly<Record<FieldKind, readonly FilterOperator[]>> = {
  text: operators(EQUALITY, ORDERING, PARTS_OF_TEXT),
  integer: operators(EQUALITY, ORDERING),
  number: operators(EQUALITY, ORDERING),
  timestamp: operators(EQUALITY, ORDERING),
  coordinate: operators(EQUALITY),
  tags: operators(EQUALITY, MEMBERS),
  any: FILTER_OPERATORS,
};

export const fieldKind = (field: FilterField): FieldKind =>
  field.kind === 'metadata' ? 'any' : COLUMN_KINDS[field.name];

export const operatorsOf = (kind: FieldKind): readonly FilterOperator[] => OPERATORS[kind];

/** Operators that need an order, so a number, a string or a time. */
export const isOrdering = (op: FilterOperator): boolean =>
  (ORDERING as readonly FilterOperator[]).includes(op);
