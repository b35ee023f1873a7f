import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A way to a server that can be made to swallow everything, as a broken network does. */
export interface SilentServer {
  readonly address: string;
  /** No byte passes any more, and no connection is refused or closed. */
  silence(): void;
  /** What was connected is cut off; new connections work. */
  restore(): void;
  close(): Promise<void>;
}

export async function wayTo(target: string): Promise<SilentServer> {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  let isSilent = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (isSilent) {
      client.pause();
      return;
    }
    const upstream = connect(Number(port), host);
    keep(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cutOff = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence: () => {
      isSilent = true;
      sockets.forEach((socket) => socket.unpipe().pause());
    },
    restore: () => {
      isSilent = false;
      cutOff();
    },
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      cutOff();
      await closed;
    },
  };
}
