import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from './fault-proxy.ts';

const DELAY_MS = 300;
const ALIVE_MS = 2_000;

describe(FaultProxy.name, () => {
  let echo: Server;
  let proxy: FaultProxy;

  beforeEach(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => {
      echo.listen(0, '127.0.0.1', resolve);
    });
    const { port } = echo.address() as AddressInfo;
    proxy = await FaultProxy.to(`127.0.0.1:${port}`, { delayMs: DELAY_MS, aliveMs: ALIVE_MS });
  });
  afterEach(async () => {
    await proxy.close();
    await new Promise((resolve) => {
      echo.close(resolve);
    });
  });

  it('passes what is sent, both ways', async () => {
    const caller = await call(proxy.port);
    expect(await caller.ask('hello')).toBe('hello');
    caller.end();
  });

  it('holds answers back under latency, also of open connections', async () => {
    const caller = await call(proxy.port);
    await caller.ask('before');
    proxy.inject('latency');
    const began = performance.now();
    expect(await caller.ask('late')).toBe('late');
    expect(performance.now() - began).toBeGreaterThanOrEqual(DELAY_MS - 20);
    caller.end();
  });

  it.each([
    ['open', 'none'],
    ['new', 'black-hole'],
  ] as const)('neither answers nor closes %s connections in a black hole', async (_, first) => {
    proxy.inject(first);
    const caller = await call(proxy.port);
    proxy.inject('black-hole');
    const answer = caller.ask('anyone?');
    expect(await Promise.race([answer, sleep(200, 'nothing')])).toBe('nothing');
    expect(caller.closedAfterMs()).toBeUndefined();
    proxy.inject('none');
    expect(await answer).toBe('closed');
    const next = await call(proxy.port);
    expect(await next.ask('again')).toBe('again');
    next.end();
  });

  it('resets open connections and new ones', async () => {
    const open = await call(proxy.port);
    await open.ask('before');
    proxy.inject('reset');
    expect(await open.ask('after')).toBe('closed');
    expect(open.error()).toBe('ECONNRESET');
    const fresh = await call(proxy.port);
    expect(await fresh.ask('new')).toBe('closed');
  });

  it('tells of a lost server late, and swallows what is sent meanwhile', async () => {
    const open = await call(proxy.port);
    await open.ask('before');
    proxy.inject('slow-close');
    expect(await open.ask('lost')).toBe('closed');
    expect(open.closedAfterMs()).toBeGreaterThanOrEqual(DELAY_MS - 20);
    const fresh = await call(proxy.port);
    expect(await fresh.ask('for a while')).toBe('for a while');
    await sleep(ALIVE_MS);
    expect(await fresh.ask('lost')).toBe('closed');
  });
});

interface Caller {
  /** What comes back, or `closed`. */
  ask(text: string): Promise<string>;
  /** Since the last question. */
  closedAfterMs(): number | undefined;
  error(): string | undefined;
  end(): void;
}

async function call(port: number): Promise<Caller> {
  const socket: Socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let asked = performance.now();
  let closedAfter: number | undefined;
  let code: string | undefined;
  let tell: (text: string) => void = () => undefined;
  socket.on('data', (text: string) => tell(text));
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
  socket.on('close', () => {
    closedAfter = performance.now() - asked;
    tell('closed');
  });
  await new Promise((resolve) => {
    // A reset may come before the connection is reported.
    socket.once('connect', resolve).once('close', resolve);
  });
  return {
    ask: (text) =>
      new Promise((resolve) => {
        asked = performance.now();
        tell = resolve;
        if (closedAfter !== undefined) resolve('closed');
        else socket.write(text);
      }),
    closedAfterMs: () => closedAfter,
    error: () => code,
    end: () => socket.destroy(),
  };
}
