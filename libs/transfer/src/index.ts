export * from './bounded-lines.js';
export * from './export.schema.js';
export * from './export.service.js';
export * from './import-lines.js';
export * from './import.schema.js';
export * from './import.service.js';
export * from './line-writer.js';
