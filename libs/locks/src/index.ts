export * from './lease-token.js';
export * from './lock-repository.js';
export * from './lock.schema.js';
export * from './lock.service.js';
