import { compareText } from './compare-text.js';
import type { Comparison, Filter, FilterableMemory, FilterField } from './filter.js';

export type MemoryPredicate = (memory: FilterableMemory) => boolean;

/**
 * Whether a memory passes a filter: the reference that both compilers are held against.
 *
 * A comparison is false where the field is missing or holds another JSON type than the value.
 * Strings are ordered by code points; `contains` and `startswith` know upper from lower case.
 * `tags` stands for each of its members: `eq` is "has this tag", `in` "has any of these", `exists`
 * "has a tag". `contains`, `any` and `all` look among the scalars of a list, whose own lists and
 * objects they do not open. A metadata path walks objects only, not lists; a null that is present
 * exists, and `eq null` asks for it.
 */
export const matchesFilter = (filter: Filter, memory: FilterableMemory): boolean =>
  filterPredicate(filter)(memory);

/** `matchesFilter` with the filter read once, for many memories. */
export function filterPredicate(filter: Filter): MemoryPredicate {
  switch (filter.kind) {
    case 'and': {
      const parts = filter.filters.map(filterPredicate);
      return (memory) => parts.every((part) => part(memory));
    }
    case 'or': {
      const parts = filter.filters.map(filterPredicate);
      return (memory) => parts.some((part) => part(memory));
    }
    case 'not': {
      const negated = filterPredicate(filter.filter);
      return (memory) => !negated(memory);
    }
    case 'compare': {
      const { field, op, value } = filter;
      return onField(field, op, TESTS[op](value));
    }
  }
}

/** Whether a value found in a memory passes; undefined stands for a missing one. */
type ValueTest = (found: unknown) => boolean;
type Operand = Extract<Filter, { kind: 'compare' }>['value'];

const oneOf = (value: Operand): ValueTest => {
  const wanted = new Set<unknown>([value].flat());
  return (found) => wanted.has(found);
};

const ordered =
  (holds: (order: number) => boolean) =>
  (value: Operand): ValueTest =>
  (found) =>
    holds(order(found, value));

const TESTS: Readonly<Record<Comparison, (value: Operand) => ValueTest>> = {
  eq: oneOf,
  in: oneOf,
  gt: ordered((difference) => difference > 0),
  gte: ordered((difference) => difference >= 0),
  lt: ordered((difference) => difference < 0),
  lte: ordered((difference) => difference <= 0),
  contains: (value) => (found) =>
    Array.isArray(found) ? found.includes(value) : isTextPair(found, value, 'includes'),
  startswith: (value) => (found) => isTextPair(found, value, 'startsWith'),
  exists: () => (found) => found !== undefined,
  any: (value) => {
    const isWanted = oneOf(value);
    return (found) => Array.isArray(found) && found.some(isWanted);
  },
  all: (value) => (found) =>
    Array.isArray(found) && [value].flat().every((wanted) => found.includes(wanted)),
};

const isTextPair = (found: unknown, value: Operand, test: 'includes' | 'startsWith'): boolean =>
  typeof found === 'string' && typeof value === 'string' && found[test](value);

/** NaN, for which no ordering holds, where the two cannot be ordered. */
function order(found: unknown, value: Operand): number {
  if (typeof found === 'number' && typeof value === 'number') return found - value;
  if (typeof found === 'string' && typeof value === 'string') return compareText(found, value);
  return Number.NaN;
}

const LOOKS_AT_LISTS: ReadonlySet<Comparison> = new Set(['contains', 'any', 'all']);

function onField(field: FilterField, op: Comparison, test: ValueTest): MemoryPredicate {
  if (field.kind === 'metadata') return ({ metadata }) => test(valueAt(metadata, field.path));
  const { name } = field;
  if (name === 'tags' && !LOOKS_AT_LISTS.has(op)) return ({ tags }) => tags.some(test);
  return (memory) => test(memory[name] ?? undefined);
}

function valueAt(metadata: FilterableMemory['metadata'], path: readonly string[]): unknown {
  let value: unknown = metadata;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
