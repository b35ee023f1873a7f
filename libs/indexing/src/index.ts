export * from './embedding-queue.js';
export * from './index-outbox.js';
export * from './indexer.js';
export * from './late-embedder.js';
export * from './outbox-drain.js';
export * from './outbox-signal.js';
