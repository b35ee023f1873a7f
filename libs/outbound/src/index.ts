export * from './address-resolver.js';
export * from './outbound-client.js';
export * from './outbound-rules.js';
export * from './public-address.js';
