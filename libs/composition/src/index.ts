export * from './infrastructure.js';
export * from './observe-outbox.js';
export * from './configured-embedders.js';
export * from './run-until-stopped.js';
