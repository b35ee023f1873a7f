export * from './circuit.js';
export * from './redis-connection.js';
export * from './steady-pause.js';
