/** Columns a filter may name besides `metadata.*`. */
export const FILTER_COLUMNS = [
  'memory_type',
  'tier',
  'importance',
  'created_at',
  'updated_at',
  'coordinate',
  'tags',
] as const;
export type FilterColumn = (typeof FILTER_COLUMNS)[number];

export const COMPARISONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type FilterScalar = string | number | boolean | null;

/** A column, or a path below `metadata`. */
export type FilterField =
  | { readonly kind: 'column'; readonly name: FilterColumn }
  | { readonly kind: 'metadata'; readonly path: readonly string[] };

/**
 * A parsed filter: the only form in which a client's filter reaches a store.
 *
 * A comparison with a missing field, or of another type than the value's, is false; `ne` is exactly
 * `not eq`. So `not` never meets an unknown.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | {
      readonly kind: 'compare';
      readonly field: FilterField;
      readonly op: Comparison;
      /** A scalar, or for `in` a list of scalars. */
      readonly value: FilterScalar | readonly FilterScalar[];
    };

/** What a filter can see of a memory. */
export interface FilterableMemory {
  readonly memory_type: string;
  readonly tier: number;
  readonly importance: number;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  readonly updated_at: number;
  readonly coordinate: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}
