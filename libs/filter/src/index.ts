export * from './compare-text.js';
export * from './field-rules.js';
export * from './filter.js';
export * from './filter-description.js';
export * from './filter-limits.js';
export * from './matches-filter.js';
export * from './parse-filter.js';
