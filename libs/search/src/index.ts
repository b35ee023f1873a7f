export * from './fusion.js';
export * from './recipes.js';
export * from './search-repository.js';
export * from './search.schema.js';
export * from './search.service.js';
