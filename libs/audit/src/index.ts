export * from './audit-chain.js';
export * from './audit-chainer.js';
export * from './audit-event.js';
export * from './audit-log.js';
export * from './audit-recorder.js';
export * from './audit-retention.js';
export * from './audit.schema.js';
export * from './audit.service.js';
