import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { watchDependencies } from '@soma/core';
import { OpaServerPolicy } from './opa-server-policy.js';
import type { PolicyInput } from './policy-input.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const INPUT: PolicyInput = {
  principal: { kind: 'tenant', token_id: 'a', tenant_id: 't', scopes: ['memories:read'] },
  action: { method: 'GET', route: '/memories', scope: 'memories:read' },
  resource: { tenant_id: 't', namespaces: ['default'], by_id: false },
};
const UNAVAILABLE = { code: 'POLICY_UNAVAILABLE', status: 503, retryAfterSeconds: 2 };

describe(OpaServerPolicy, () => {
  let server: Server;
  let url: string;
  let bodies: string[];
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    bodies = [];
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString('utf8')));
      request.on('end', () => {
        bodies.push(`${request.headers.authorization ?? ''} ${text}`);
        answer(response);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/data/soma/allow`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const open = (timeoutMs = 1_000) =>
    new OpaServerPolicy({ url, token: 'secret-of-opa', timeoutMs });
  const answering = (body: unknown) => (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it('P43 allows what the server says is true, and sends the input alone', async () => {
    answer = answering({ result: true });
    expect(await open().isAllowed(INPUT)).toBe(true);
    expect(bodies).toEqual([`Bearer secret-of-opa ${JSON.stringify({ input: INPUT })}`]);
  });

  it.each([
    [{ result: false }],
    [{}],
    [{ result: null }],
    [{ result: 'true' }],
    [{ result: 1 }],
    [{ result: { allow: true } }],
  ])('P43 does not allow what the server answers with %j', async (body) => {
    answer = answering(body);
    expect(await open().isAllowed(INPUT)).toBe(false);
  });

  it.each([
    ['an error', (response: ServerResponse) => response.writeHead(500).end('{"result":true}')],
    ['no JSON', (response: ServerResponse) => response.writeHead(200).end('true')],
    ['a list', (response: ServerResponse) => response.writeHead(200).end('[true]')],
    ['nothing', (response: ServerResponse) => response.destroy()],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: 'http://127.0.0.1' }).end(),
    ],
  ])('P43 is unavailable when the server answers with %s', async (_case, badly) => {
    answer = badly;
    await expect(open().isAllowed(INPUT)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('P43 waits for its deadline, then after five failures not at all, and comes back', async () => {
    answer = () => undefined;
    const sut = open(100);
    const outcomes: string[] = [];
    const stop = watchDependencies(({ outcome }) => outcomes.push(outcome));
    const took: number[] = [];
    for (let call = 0; call < 8; call += 1) {
      const start = performance.now();
      await expect(sut.isAllowed(INPUT)).rejects.toMatchObject(UNAVAILABLE);
      took.push(performance.now() - start);
    }
    expect(Math.max(...took)).toBeLessThan(600);
    expect(Math.max(...took.slice(5))).toBeLessThan(50);
    stop();
    expect(bodies).toHaveLength(5);
    expect(outcomes).toEqual([...Array(5).fill('failed'), ...Array(3).fill('not-asked')]);
    answer = answering({ result: true });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await sut.isAllowed(INPUT)).toBe(true);
  });
});
