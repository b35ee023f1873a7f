export * from './app-config.js';
export * from './config-error.js';
export * from './describe-settings.js';
export * from './load-config.js';
export * from './settings.js';
