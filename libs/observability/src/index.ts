export * from './health.js';
export * from './log-level.js';
export * from './log-level.schema.js';
export * from './logger-options.js';
export * from './metrics.js';
