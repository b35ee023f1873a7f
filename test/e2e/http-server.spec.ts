import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.js';
import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const CALM_REQUESTS = 200;
const SLOW_SOCKETS = 500;

describe('the HTTP server', () => {
  let service: Service;
  let ours: Client;

  beforeAll(async () => {
    service = await startService();
    ours = await service.tenant();
    await ours.store({ coord: '1', content: 'one' });
  });
  afterAll(() => service.close());

  /** Everything that comes back for these bytes, until the other side ends. */
  function answerTo(text: string, more = ''): Promise<string> {
    const { port, hostname } = new URL(service.url);
    return new Promise((resolve, reject) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(text, 'latin1');
        if (more !== '') socket.write(more, 'latin1');
      });
      socket.on('data', (bytes) => (received += bytes.toString('latin1')));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
  }

  const documentOf = (answer: string): unknown => JSON.parse(answer.split('\r\n\r\n')[1] ?? '');

  describe('answers what it cannot read', () => {
    it.each([
      ['no HTTP', 'GET\r\n\r\n', 'HTTP_MALFORMED'],
      ['a line of its own', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', 'HTTP_MALFORMED'],
      [
        'two lengths',
        'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
        'HTTP_MALFORMED',
      ],
      [
        'a header that is too long',
        `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
        'HEADERS_TOO_LARGE',
      ],
      [
        'a URL that is too long',
        `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        'HEADERS_TOO_LARGE',
      ],
    ] as const)('with a problem: %s', async (_, text, code) => {
      const answer = await answerTo(text);
      expect(answer).toMatch(/\r\nContent-Type: application\/problem\+json/);
      expect(answer).toMatch(/\r\nConnection: close\r\n/);
      const { status, body } = problem(code) as { status: number; body: object };
      expect(answer.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
      expect(documentOf(answer)).toMatchObject(body);
    });

    it('without a reset, though the caller is still sending', async () => {
      const answer = await answerTo(`GET /${'x'.repeat(70_000)}`, 'y'.repeat(2_000_000));
      expect(documentOf(answer)).toMatchObject({ code: 'HEADERS_TOO_LARGE' });
    });
  });

  it('takes every parameter at its longest, in the longest way to write it', async () => {
    const filter = encodeURIComponent(`"${'語'.repeat(4_998)}"`);
    const name = encodeURIComponent('語'.repeat(200));
    const corner = encodeURIComponent(`${'1,'.repeat(60)}1`);
    const query = `namespace=${name}&tag=${name.slice(0, 900)}&min_coord=${corner}&max_coord=${corner}`;
    const answer = await ours.get(`/memories?${query}&filter=${filter}`);
    expect(answer).toMatchObject(problem('FILTER_INVALID'));
    const longer = encodeURIComponent(`"${'語'.repeat(4_999)}"`);
    expect(await ours.get(`/memories?${query}&filter=${longer}`)).toMatchObject(
      problem('VALIDATION_FAILED'),
    );
  });

  describe('a method that a route does not have', () => {
    it.each([
      ['PUT', '/memories', 'GET, POST, HEAD'],
      ['DELETE', '/memories', 'GET, POST, HEAD'],
      ['POST', '/memories/1', 'GET, PATCH, DELETE, HEAD'],
      ['PUT', '/memories/search', 'POST'],
      ['GET', '/memories/search', 'POST'],
      ['PATCH', '/memories/bulk', 'POST'],
      ['OPTIONS', '/graph/link', 'POST, DELETE'],
      ['PUT', '/GRAPH/link/', 'POST, DELETE'],
      ['POST', '/healthz', 'GET, HEAD'],
      ['PATCH', '/admin/tenants', 'GET, POST, HEAD'],
    ])('is refused with those it has: %s %s', async (method, path, allowed) => {
      for (const token of [ours.token, undefined]) {
        const answer = await service.request(method, path, { token });
        expect(answer).toMatchObject(problem('METHOD_NOT_ALLOWED'));
        expect(answer.headers.get('allow')).toBe(allowed);
      }
    });

    it('says nothing of a path that is none', async () => {
      for (const path of ['/memorie', '/memories/1/2', '/admin', '/admin/secret', '/.git/config']) {
        for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
          const answer = await service.request(method, path, { token: ours.token });
          expect(answer).toMatchObject(problem('ROUTE_NOT_FOUND'));
          expect(answer.headers.get('allow')).toBeNull();
        }
      }
    });
  });

  describe('tells browsers', () => {
    const EVERYWHERE = {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    };
    const headersOf = async (path: string) =>
      Object.fromEntries((await service.request('GET', path, { token: ours.token })).headers);

    it('to keep no answer of the API and to run nothing in it', async () => {
      for (const path of ['/memories/1', '/memories/2', '/memories', '/health', '/x', '/metrics']) {
        expect(await headersOf(path)).toMatchObject({
          ...EVERYWHERE,
          'cache-control': 'no-store',
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        });
      }
    });

    it("to run Swagger's own scripts and no others, in no frame", async () => {
      for (const path of ['/api/docs', '/api/docs/swagger-ui-bundle.js']) {
        const headers = await headersOf(path);
        expect(headers).toMatchObject(EVERYWHERE);
        const policy = new Map(
          headers['content-security-policy']?.split('; ').map((rule) => {
            const [name = '', ...sources] = rule.split(' ');
            return [name, sources.join(' ')];
          }),
        );
        expect(policy.get('default-src')).toBe("'none'");
        expect(policy.get('script-src')).toBe("'self'");
        expect(policy.get('frame-ancestors')).toBe("'none'");
      }
    });

    it('of a page whose scripts all come from files', async () => {
      const { body } = await service.request<string>('GET', '/api/docs');
      const scripts = body.match(/<script[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThan(1);
      expect(scripts.filter((tag) => !/\ssrc="\.\//.test(tag))).toEqual([]);
      expect(body).not.toMatch(/\son\w+=/);
    });
  });

  describe('with slow callers', () => {
    it(`answers others as fast while ${SLOW_SOCKETS} send a byte at a time, and cuts those off`, async () => {
      const calm = Math.max(await p99(), await p99(), await p99());
      const { port, hostname } = new URL(service.url);
      const closed = new Set<Socket>();
      const sockets = Array.from({ length: SLOW_SOCKETS }, () => {
        const socket = connect(Number(port), hostname, () =>
          socket.write('GET /memories/1 HTTP/1.1\r\nX: '),
        );
        return socket
          .on('error', () => undefined)
          .on('close', () => closed.add(socket))
          .resume();
      });
      const drip = setInterval(() => {
        for (const socket of sockets) if (socket.writable) socket.write('x');
      }, 500);
      try {
        await sleep(1_000);
        // Up to five tries, and 50 ms: the machine does other things besides.
        const limit = 2 * calm + 50;
        let busy = await p99();
        for (let tries = 1; tries < 5 && busy >= limit && closed.size === 0; tries += 1) {
          busy = await p99();
        }
        expect(busy).toBeLessThan(limit);
        await eventually(
          () => closed.size,
          (size) => size === SLOW_SOCKETS,
        );
      } finally {
        clearInterval(drip);
        for (const socket of sockets) socket.destroy();
      }
      expect((await ours.get('/memories/1')).status).toBe(200);
    });

    async function p99(): Promise<number> {
      const times: number[] = [];
      for (let asked = 0; asked < CALM_REQUESTS; asked += 1) {
        const begun = performance.now();
        expect((await ours.get('/memories/1')).status).toBe(200);
        times.push(performance.now() - begun);
      }
      return times.toSorted((a, b) => a - b)[Math.floor(CALM_REQUESTS * 0.99)] ?? Number.NaN;
    }
  });
});
