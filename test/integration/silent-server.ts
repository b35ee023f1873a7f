import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to a server that can be made to fail as a broken network does, or a dead server. */
export interface SilentServer {
  readonly address: string;
  /** No byte passes any more, and no connection is refused or closed. */
  silence(): void;
  /** Silent as soon as one connection has passed on the first of these words and later the last. */
  silenceAfter(first: string, last: string): void;
  /** Every connection is reset, and so is each new one. */
  reset(): void;
  /** Each new connection gets this answer to its first bytes, and no other; the old are cut off. */
  answerWith(bytes: Buffer): void;
  /** Every connection is closed, and no new one accepted. */
  stop(): Promise<void>;
  /** What was connected is cut off; new connections work. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

type Condition = 'well' | 'silent' | 'resetting' | 'refusing';

export async function wayTo(target: string): Promise<SilentServer> {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  let condition: Condition = 'well';
  let awaited: { first: string; last: string } | undefined;
  let refusal = Buffer.alloc(0);
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const silence = (): void => {
    condition = 'silent';
    sockets.forEach((socket) => socket.unpipe().pause());
  };
  const server = createServer((client) => {
    keep(client);
    if (condition === 'silent') client.pause();
    if (condition === 'resetting') client.resetAndDestroy();
    if (condition === 'refusing') client.once('data', () => client.end(refusal));
    if (condition !== 'well') return;
    const upstream = connect(Number(port), host);
    keep(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    let hasFirst = false;
    client.on('data', (bytes: Buffer) => {
      if (!awaited) return;
      hasFirst ||= bytes.includes(awaited.first);
      if (!hasFirst || !bytes.includes(awaited.last)) return;
      awaited = undefined;
      // These bytes are still to be passed on.
      process.nextTick(silence);
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, '127.0.0.1', resolve);
    });
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const cutOff = (): void => sockets.forEach((socket) => socket.destroy());
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => {
      server.close(resolve);
    });
    cutOff();
    await closed;
  };
  return {
    address: `127.0.0.1:${own}`,
    silence,
    silenceAfter: (first, last) => {
      awaited = { first, last };
    },
    reset: () => {
      condition = 'resetting';
      sockets.forEach((socket) => socket.resetAndDestroy());
    },
    answerWith: (bytes) => {
      condition = 'refusing';
      refusal = Buffer.from(bytes);
      cutOff();
    },
    stop,
    restore: async () => {
      condition = 'well';
      cutOff();
      if (!server.listening) await listen(own);
    },
    close: stop,
  };
}
