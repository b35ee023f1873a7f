export * from './tracing.js';
export * from './no-tracing.js';
export * from './open-tracing.js';
