import { fieldKind, operatorsOf } from './field-rules.js';
import type { Filter, FilterField, FilterOperator } from './filter.js';
import { filterFault, shown, type Pointer } from './filter-fault.js';
import { FILTER_LIMITS } from './filter-limits.js';
import { parseComparison } from './parse-comparison.js';
import { parseField } from './parse-field.js';

/**
 * Reads the JSON filter language: `{"and":[…]}`, `{"or":[…]}`, `{"not":…}` and
 * `{"field":{"op":value}}`, where a bare value means `eq` and keys beside each other all must hold.
 *
 * @param at where the filter stands in the request's body; fault paths begin there.
 * @throws SomaError FILTER_INVALID with a JSON pointer to the part at fault and what is allowed.
 */
export function parseFilter(json: unknown, at: Pointer = ['filter']): Filter {
  return new FilterParser().parse(json, at, 0);
}

class FilterParser {
  private terms = 0;
  private values = 0;

  parse(json: unknown, at: Pointer, depth: number): Filter {
    if (depth > FILTER_LIMITS.depth) {
      throw filterFault(
        at.slice(0, 4),
        `A filter nests and, or and not at most ${FILTER_LIMITS.depth} deep.`,
      );
    }
    if (!isObject(json)) {
      throw filterFault(at, `A filter is an object like {"tier": 1}; found ${shown(json)}.`);
    }
    const entries = Object.entries(json);
    if (entries.length === 0) {
      throw filterFault(at, 'A filter names at least one field, or leave it out.');
    }
    return all(entries.flatMap(([key, value]) => this.parseEntry(key, value, at, depth)));
  }

  private parseEntry(key: string, value: unknown, at: Pointer, depth: number): Filter[] {
    const here = [...at, key];
    switch (key) {
      case 'and':
      case 'or':
        return [this.parseGroup(key, value, here, depth)];
      case 'not':
        return [{ kind: 'not', filter: this.parse(value, here, depth + 1) }];
      default:
        return this.parseLeaf(parseField(key, here), value, here);
    }
  }

  private parseGroup(kind: 'and' | 'or', value: unknown, at: Pointer, depth: number): Filter {
    if (!Array.isArray(value) || value.length === 0) {
      throw filterFault(at, `"${kind}" takes a list of at least one filter.`);
    }
    const filters: Filter[] = [];
    for (const [index, item] of value.entries()) {
      filters.push(this.parse(item, [...at, index], depth + 1));
    }
    return { kind, filters };
  }

  private parseLeaf(field: FilterField, value: unknown, at: Pointer): Filter[] {
    if (!isObject(value)) return [this.parseTerm(field, 'eq', value, at)];
    const entries = Object.entries(value);
    if (entries.length === 0) {
      throw filterFault(at, `Say how to compare: ${operatorsOf(fieldKind(field)).join(', ')}.`);
    }
    return entries.map(([op, operand]) => {
      const here = [...at, op];
      return this.parseTerm(field, knownOperator(field, op, here), operand, here);
    });
  }

  private parseTerm(field: FilterField, op: FilterOperator, value: unknown, at: Pointer): Filter {
    this.terms += 1;
    if (this.terms > FILTER_LIMITS.terms) {
      throw filterFault(at, `A filter has at most ${FILTER_LIMITS.terms} comparisons.`);
    }
    this.values += Array.isArray(value) ? value.length : 1;
    if (this.values > FILTER_LIMITS.values) {
      throw filterFault(
        at,
        `A filter has at most ${FILTER_LIMITS.values} values in all its comparisons together.`,
      );
    }
    return parseComparison(field, op, value, at);
  }
}

function knownOperator(field: FilterField, op: string, at: Pointer): FilterOperator {
  const allowed = operatorsOf(fieldKind(field));
  const known = allowed.find((candidate) => candidate === op);
  if (known) return known;
  const name = field.kind === 'column' ? field.name : 'metadata.<key>';
  throw filterFault(at, `${name} does not take ${shown(op)}. Allowed are: ${allowed.join(', ')}.`);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const all = (filters: readonly Filter[]): Filter => {
  const [only] = filters;
  return filters.length === 1 && only ? only : { kind: 'and', filters };
};
