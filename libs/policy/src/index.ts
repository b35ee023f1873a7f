export * from './bundle-files.js';
export * from './opa-server-policy.js';
export * from './policy-decision.js';
export * from './policy-input.js';
export * from './wasm-policy.js';
