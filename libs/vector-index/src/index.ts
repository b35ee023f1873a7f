export * from './vector-index.js';
export * from './flat-source.js';
export { exactTopK, rankExactly, scanRows } from './flat/exact-top-k.js';
export type { Keyed, Ranked, VectorRows } from './flat/exact-top-k.js';
export type { RankedRow } from './flat/best-rows.js';
export type { ScanEngine } from './flat/scan-engine.js';
export * from './flat/flat-vector-index.js';
export * from './milvus/milvus-vector-index.js';
export type { MilvusOptions } from './milvus/milvus-options.js';
