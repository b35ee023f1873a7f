export * from './chat-model.js';
export * from './configured-endpoint.js';
export * from './model-span.js';
