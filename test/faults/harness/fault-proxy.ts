import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * What a network can do to a dependency:
 * - `none`: everything passes.
 * - `latency`: whatever the dependency sends arrives 3 s late.
 * - `black-hole`: no byte passes, and no connection is refused or closed.
 * - `reset`: connections are reset, new ones as soon as they are made.
 * - `slow-close`: the dependency is gone from a connection (from a new one after a second), and the
 *   caller is told so 3 s later; what it sends meanwhile is lost.
 */
export type ProxyFault = 'none' | 'latency' | 'black-hole' | 'reset' | 'slow-close';

export const PROXY_FAULTS = ['latency', 'black-hole', 'reset', 'slow-close'] as const;

export interface FaultTimes {
  readonly delayMs: number;
  readonly aliveMs: number;
}

const TIMES: FaultTimes = { delayMs: 3_000, aliveMs: 1_000 };

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** A TCP way to one server that can be made as bad as a network is, while connections are open. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #times: FaultTimes;
  readonly #pairs = new Set<Pair>();
  readonly #lost = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #fault: ProxyFault = 'none';

  private constructor(target: { host: string; port: number }, times: FaultTimes) {
    this.#target = target;
    this.#times = times;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Listens on a free loopback port; `target` is host:port. */
  static async to(target: string, times: Partial<FaultTimes> = {}): Promise<FaultProxy> {
    const divider = target.lastIndexOf(':');
    const place = { host: target.slice(0, divider), port: Number(target.slice(divider + 1)) };
    const proxy = new FaultProxy(place, { ...TIMES, ...times });
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on, for open connections and new ones. `none` cuts off what a fault has touched. */
  inject(fault: ProxyFault): void {
    const before = this.#fault;
    this.#fault = fault;
    if (fault === 'none') {
      if (before !== 'none') this.#cutOff();
      return;
    }
    for (const pair of this.#pairs) this.#harm(pair);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#cutOff();
    await closed;
  }

  #accept(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#fault === 'reset') {
      client.resetAndDestroy();
      return;
    }
    if (this.#fault === 'black-hole') {
      client.pause();
      this.#lose(client);
      return;
    }
    const upstream = connect(this.#target);
    const pair = { client, upstream };
    this.#pairs.add(pair);
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      this.#pairs.delete(pair);
      if (!this.#lost.has(client)) client.destroy();
    });
    client.on('data', (bytes: Buffer) => this.#forward(bytes, client, upstream));
    upstream.on('data', (bytes: Buffer) => this.#giveBack(bytes, upstream, client));
    client.on('end', () => upstream.end());
    upstream.on('end', () => {
      if (!this.#lost.has(client)) client.end();
    });
    if (this.#fault === 'slow-close') this.#later(this.#times.aliveMs, () => this.#abandon(pair));
  }

  #forward(bytes: Buffer, from: Socket, to: Socket): void {
    if (this.#lost.has(from) || to.destroyed) return;
    if (!to.write(bytes)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  }

  #giveBack(bytes: Buffer, from: Socket, to: Socket): void {
    if (this.#fault === 'latency') {
      this.#later(this.#times.delayMs, () => this.#forward(bytes, from, to));
      return;
    }
    this.#forward(bytes, from, to);
  }

  #harm(pair: Pair): void {
    if (this.#fault === 'reset') pair.client.resetAndDestroy();
    if (this.#fault === 'slow-close') this.#abandon(pair);
    if (this.#fault === 'black-hole') {
      pair.client.pause();
      pair.upstream.pause();
      this.#lose(pair.client);
    }
  }

  #abandon({ client, upstream }: Pair): void {
    if (client.destroyed) return;
    this.#lose(client);
    upstream.destroy();
    this.#later(this.#times.delayMs, () => client.destroy());
  }

  #lose(client: Socket): void {
    this.#lost.add(client);
    client.once('close', () => this.#lost.delete(client));
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #cutOff(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
    for (const client of this.#lost) client.destroy();
  }
}
