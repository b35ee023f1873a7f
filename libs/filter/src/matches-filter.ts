import { compareText } from './compare-text.js';
import type { Comparison, Filter, FilterableMemory, FilterField, FilterScalar } from './filter.js';

type Operand = FilterScalar | readonly FilterScalar[];

/**
 * Whether a memory passes a filter: the reference that both compilers are held against.
 *
 * A comparison is false where the field is missing or holds another JSON type than the value, and
 * `ne` is exactly `not eq`. Strings are ordered by code points. `tags` stands for each of its
 * members: `eq` is "has this tag", `in` "has any of these". A metadata path walks objects only, not
 * lists; `eq null` asks for a null that is present.
 */
export function matchesFilter(filter: Filter, memory: FilterableMemory): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => matchesFilter(part, memory));
    case 'or':
      return filter.filters.some((part) => matchesFilter(part, memory));
    case 'not':
      return !matchesFilter(filter.filter, memory);
    case 'compare':
      return compare(filter.op, candidates(filter.field, memory), filter.value);
  }
}

function compare(op: Comparison, found: readonly unknown[], value: Operand): boolean {
  if (op === 'ne') return !compare('eq', found, value);
  const wanted = Array.isArray(value)
    ? (value as readonly FilterScalar[])
    : [value as FilterScalar];
  return found.some((item) => wanted.some((operand) => TESTS[op](item, operand)));
}

const TESTS: Readonly<
  Record<Exclude<Comparison, 'ne'>, (found: unknown, value: FilterScalar) => boolean>
> = {
  eq: (found, value) => found === value,
  in: (found, value) => found === value,
  gt: (found, value) => order(found, value) > 0,
  gte: (found, value) => order(found, value) >= 0,
  lt: (found, value) => order(found, value) < 0,
  lte: (found, value) => order(found, value) <= 0,
};

/** NaN, which no ordering holds for, where the two cannot be ordered. */
function order(found: unknown, value: FilterScalar): number {
  if (typeof found === 'number' && typeof value === 'number') return found - value;
  if (typeof found === 'string' && typeof value === 'string') return compareText(found, value);
  return Number.NaN;
}

/** The values a field stands for: one, several for `tags`, none where it is missing. */
function candidates(field: FilterField, memory: FilterableMemory): readonly unknown[] {
  if (field.kind === 'column') {
    return field.name === 'tags' ? memory.tags : [memory[field.name]];
  }
  let value: unknown = memory.metadata;
  for (const key of field.path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    if (!Object.hasOwn(value, key)) return [];
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return [value];
}
