/** Columns a filter may name besides `metadata.*`. */
export const FILTER_COLUMNS = [
  'memory_type',
  'tier',
  'importance',
  'trust',
  'created_at',
  'updated_at',
  'coordinate',
  'tags',
  'session_id',
  'speaker',
  'occurred_at',
] as const;
export type FilterColumn = (typeof FILTER_COLUMNS)[number];

/** Columns that a memory may lack. */
export const OPTIONAL_COLUMNS = ['session_id', 'speaker', 'occurred_at'] as const;
export type OptionalColumn = (typeof OPTIONAL_COLUMNS)[number];

export const isOptionalColumn = (name: FilterColumn): name is OptionalColumn =>
  (OPTIONAL_COLUMNS as readonly FilterColumn[]).includes(name);

/** What a client may write. */
export const FILTER_OPERATORS = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'in',
  'nin',
  'contains',
  'startswith',
  'exists',
  'any',
  'all',
] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** What a store compares with: `ne`, `nin` and `between` are read as `not`, `in`, `gte` and `lte`. */
export type Comparison = Exclude<FilterOperator, 'ne' | 'nin' | 'between'>;

export type FilterScalar = string | number | boolean | null;

/** A column, or a path below `metadata`. */
export type FilterField =
  | { readonly kind: 'column'; readonly name: FilterColumn }
  | { readonly kind: 'metadata'; readonly path: readonly string[] };

/**
 * A parsed filter: the only form in which a client's filter reaches a store.
 *
 * A comparison with a missing field, or of another type than the value's, is false. So `not` never
 * meets an unknown.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | {
      readonly kind: 'compare';
      readonly field: FilterField;
      readonly op: Comparison;
      /** A scalar; a list of them for `in`, `any` and `all`; `true` for `exists`. */
      readonly value: FilterScalar | readonly FilterScalar[];
    };

/** What a filter can see of a memory. */
export interface FilterableMemory {
  readonly memory_type: string;
  readonly tier: number;
  readonly importance: number;
  readonly trust: number;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  readonly updated_at: number;
  readonly coordinate: string;
  readonly tags: readonly string[];
  /** Never empty, nor is `speaker`: null where there is none. */
  readonly session_id: string | null;
  readonly speaker: string | null;
  readonly occurred_at: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}
