import type { Filter, FilterColumn } from './filter.js';

/** Whether a comparison anywhere in the filter is of one of these columns. */
export function namesColumn(filter: Filter, names: readonly FilterColumn[]): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some((part) => namesColumn(part, names));
    case 'not':
      return namesColumn(filter.filter, names);
    case 'compare':
      return filter.field.kind === 'column' && names.includes(filter.field.name);
  }
}
