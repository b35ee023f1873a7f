import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 200;

/**
 * One holder at a time on this machine. The lock is a socket in Linux' abstract namespace: the
 * kernel frees it when its holder dies, however it dies, so there are no stale locks to judge.
 */
export async function withMachineLock<T>(
  subject: string,
  abort: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const digest = createHash('sha256').update(subject).digest('hex').slice(0, 32);
  let lock = await tryLock(digest);
  while (lock === undefined) {
    await sleep(RETRY_MS, undefined, { signal: abort });
    lock = await tryLock(digest);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

function tryLock(digest: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
    server.listen(`\0soma-services-${digest}`, () => {
      resolve(server);
    });
  });
}
