import { FILTER_COLUMNS, FILTER_OPERATORS } from './filter.js';

/** The language in a paragraph, for the API's own description. */
export const FILTER_DESCRIPTION = [
  'A filter: `{"field": value}`, `{"field": {"operator": value}}`, `{"and": […]}`, `{"or": […]}`, `{"not": …}`;',
  'keys beside each other all must hold.',
  `Fields: ${[...FILTER_COLUMNS, 'metadata.<key>'].join(', ')}.`,
  `Operators: ${FILTER_OPERATORS.join(', ')}.`,
  'What each means is in docs/filters.md.',
].join(' ');
