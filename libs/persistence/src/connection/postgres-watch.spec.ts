import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import type { ServerAnswer } from './ask-server.js';
import { PostgresWatch } from './postgres-watch.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const OK_AND_READY = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** Longer than a statement is silent before the server is asked, with the sweep. */
const ASKED_MS = 450;

describe(PostgresWatch.name, () => {
  const sockets = new Set<Socket>();
  let server: Server;
  let client: Client;
  let answer: ServerAnswer;
  let asked: number;
  let changes: boolean[];
  let sut: PostgresWatch;

  /** A server that lets in and answers nothing. */
  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.write(OK_AND_READY));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    client = new Client({ host: '127.0.0.1', port, user: 'a', password: 'b', database: 'c' });
    await client.connect();
    [asked, changes] = [0, []];
    sut = new PostgresWatch({
      silenceMs: 250,
      ask: async () => {
        asked += 1;
        return answer;
      },
      onChange: (isAway) => changes.push(isAway),
    });
    // What a pool gives is a client that can be released.
    sut.add(Object.assign(client, { release: () => {} }));
  });
  afterEach(async () => {
    sut.close();
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  const outcomeAfter = async (ms: number): Promise<unknown> => {
    const failed = client.query('SELECT 1').then(
      () => 'answered',
      (error: unknown) => error,
    );
    return Promise.race([failed, sleep(ms).then(() => 'waiting')]);
  };

  it('lets work go on that the server is at', async () => {
    answer = { kind: 'answered', atWork: new Set([0]) };
    expect(await outcomeAfter(2 * ASKED_MS)).toBe('waiting');
    expect(asked).toBeGreaterThan(1);
  });

  it('gives up a connection of which the server knows no work, once its answer had time to come', async () => {
    answer = { kind: 'answered', atWork: new Set() };
    expect(await outcomeAfter(3 * ASKED_MS)).toMatchObject({
      message: expect.stringContaining('Connection terminated'),
    });
    expect(asked).toBe(2);
    expect(sut.isAway).toBe(false);
  });

  it('gives everything up when the server does not answer either, until it answers', async () => {
    answer = { kind: 'away', cause: undefined };
    expect(await outcomeAfter(2 * ASKED_MS)).toMatchObject({
      message: expect.stringContaining('Connection terminated'),
    });
    expect(sut.isAway).toBe(true);
    answer = { kind: 'present' };
    await sleep(700);
    expect(sut.isAway).toBe(false);
    expect(changes).toEqual([true, false]);
  });

  it('draws no conclusion from a server that is there and says nothing of its work', async () => {
    answer = { kind: 'present' };
    expect(await outcomeAfter(2 * ASKED_MS)).toBe('waiting');
    expect(sut.isAway).toBe(false);
  });
});
