export * from './duplicates.schema.js';
export * from './merge-plan.js';
export * from './merge-store.js';
export * from './merged.schema.js';
export * from './merging.service.js';
export * from './neighbours.js';
export * from './unmerge.service.js';
