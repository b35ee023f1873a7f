export * from './backup-error.js';
export * from './backup-file.js';
export * from './backup-fit.js';
export * from './backup-manifest.js';
export * from './database-copy.js';
export * from './seal.js';
