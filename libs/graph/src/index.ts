export * from './graph.schema.js';
export * from './graph.service.js';
export * from './link-repository.js';
export * from './traversal.js';
