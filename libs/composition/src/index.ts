export * from './infrastructure.js';
export * from './observe-outbox.js';
export * from './open-embedder.js';
export * from './run-until-stopped.js';
