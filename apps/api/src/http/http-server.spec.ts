import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedHttpAdapter } from './http-server.js';

const CLIENTS = 8;
const GONE = ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'];
const LONGEST_MS = 10_000;

describe(BoundedHttpAdapter, () => {
  it('closes although callers keep asking on their connections, and answers what is under way', async () => {
    const sut = new BoundedHttpAdapter();
    sut.use(async (_request: unknown, response: { end(text: string): void }) => {
      await sleep(20);
      response.end('answered');
    });
    sut.initHttpServer();
    const server = sut.getHttpServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const answers: string[] = [];
    const askUntilGone = async (): Promise<unknown> => {
      for (;;) {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/`);
          answers.push(await answer.text());
        } catch (error) {
          return (error as { cause?: { code?: string } }).cause?.code;
        }
      }
    };
    const asking = Array.from({ length: CLIENTS }, askUntilGone);
    while (answers.length < 10 * CLIENTS) await sleep(5);
    const late = sleep(LONGEST_MS, 'late', { ref: false });
    const closed = await Promise.race([sut.close(), late]);
    server.closeAllConnections();
    expect(closed).not.toBe('late');
    expect(new Set(answers)).toEqual(new Set(['answered']));
    // An idle connection may be closed while its caller begins to ask.
    for (const code of await Promise.all(asking)) expect(GONE).toContain(code);
  });
});
