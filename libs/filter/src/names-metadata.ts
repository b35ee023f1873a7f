import type { Filter } from './filter.js';

/** Whether a comparison anywhere in the filter is of a path below `metadata`. */
export function namesMetadata(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some(namesMetadata);
    case 'not':
      return namesMetadata(filter.filter);
    case 'compare':
      return filter.field.kind === 'metadata';
  }
}
