export * from './health.js';
export * from './logger-options.js';
export * from './metrics.js';
