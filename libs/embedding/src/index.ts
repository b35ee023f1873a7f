export * from './cached-embedder.js';
export * from './embedder.js';
export * from './embedding-cache.js';
export * from './hash-embedder.js';
export * from './in-process-embedding-cache.js';
export * from './openai-embedder.js';
export * from './redis-embedding-cache.js';
