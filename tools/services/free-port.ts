import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ephemeral range (32768 and up on Linux): while a server is killed, no outgoing
// connection can be given its port, so it can be restarted on the same one.
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;

const given = new Set<number>();

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt === ATTEMPTS) {
      throw new Error(`no free port between ${String(LOWEST)} and ${String(HIGHEST)}`);
    }
    const port = randomInt(LOWEST, HIGHEST);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      ports.push(port);
    }
  }
  return ports;
}

/** Tried on all interfaces: Milvus binds them all, and gRPC would share a port silently. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
