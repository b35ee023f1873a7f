import type { INestApplication } from '@nestjs/common';
import type { Infrastructure } from './infrastructure.js';

/**
 * On SIGTERM or SIGINT: no new requests, those under way are answered, the outbox batch under way is
 * finished, connections are closed; then the process ends.
 */
export function runUntilStopped(app: INestApplication, infrastructure: Infrastructure): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await app.close();
    await infrastructure.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}
