import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AddressResolver, SystemAddressResolver } from './address-resolver.js';
import { hostileUrls } from './hostile-urls.fixture.js';
import { OutboundClient, OutboundFailure } from './outbound-client.js';

/** Stands for the internet: a second address of this machine, which the rules let through. */
const PUBLIC = '127.0.0.9';
const PRIVATE = '127.0.0.1';
const PUBLIC_ALONE = [`${PUBLIC}/32`];

/** Says the answers of a name one after the other, and the last of them for ever. */
class ScriptedResolver extends AddressResolver {
  readonly asked: string[] = [];
  constructor(private readonly names: Record<string, string[][]>) {
    super();
  }
  resolve(name: string): Promise<LookupAddress[]> {
    this.asked.push(name);
    const answers = this.names[name];
    if (!answers) return new SystemAddressResolver().resolve(name).then((found) => [...found]);
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    return Promise.resolve(answer.map((address) => ({ address, family: 4 })));
  }
}

const listening = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

describe(OutboundClient, () => {
  let outside: Server;
  let inside: Server;
  let answering: RequestListener;
  let port: number;
  let connections: number;
  let seen: { url?: string; host?: string; body: string }[];
  let sockets: number;
  const onSocket = (): void => void (sockets += 1);

  beforeAll(async () => {
    outside = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const { url, headers } = request;
          seen.push({ url, host: headers.host, body: Buffer.concat(chunks).toString() });
          answering(request, response);
        });
    });
    inside = createServer((_, response) => response.end('secret'));
    inside.on('connection', () => void (connections += 1));
    port = await listening(outside, 0, PUBLIC);
    await listening(inside, port, PRIVATE);
    subscribe('net.client.socket', onSocket);
  });
  beforeEach(() => {
    [connections, sockets, seen] = [0, 0, []];
    answering = (_, response) => void response.end('well');
  });
  afterAll(() => {
    unsubscribe('net.client.socket', onSocket);
    outside.close();
    inside.close();
  });

  const NAMES = {
    'public.test': [[PUBLIC]],
    'inside.test': [[PRIVATE]],
    'localhost.': [[PRIVATE]],
  };
  const rules = () => ({
    protocols: ['http:', 'https:'] as const,
    ports: [port],
    networks: PUBLIC_ALONE,
  });
  const clientOf = (resolver: AddressResolver, settings = {}): OutboundClient =>
    new OutboundClient({ ...rules(), ...settings }, resolver);
  const get = (client: OutboundClient, host: string, path = '/') =>
    client.send(`http://${host}:${port}${path}`, { method: 'GET' });
  const FORBIDDEN = { code: 'URL_FORBIDDEN' };

  it('reaches what is outside, by its name and with what it was given', async () => {
    const client = clientOf(new ScriptedResolver(NAMES));
    const answer = await client.send(`http://public.test:${port}/hook?a=1`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', Host: 'inside.test' },
      body: 'hello',
    });
    expect({ ...answer, body: answer.body.toString() }).toMatchObject({
      status: 200,
      body: 'well',
    });
    expect(seen).toEqual([{ url: '/hook?a=1', host: `public.test:${port}`, body: 'hello' }]);
  });

  it('opens no connection for any URL that leads inside', async () => {
    const urls = hostileUrls(port);
    expect(new Set(urls).size).toBeGreaterThanOrEqual(60);
    const client = clientOf(new ScriptedResolver(NAMES));
    for (const url of [...urls, `http://inside.test:${port}/`]) {
      const sent = client.send(url, { method: 'GET' });
      await expect(sent.then(() => url)).rejects.toMatchObject(FORBIDDEN);
      await expect(client.check(url).then(() => url)).rejects.toMatchObject(FORBIDDEN);
    }
    expect({ connections, sockets, seen }).toEqual({ connections: 0, sockets: 0, seen: [] });
  });

  it.each([
    ['one of its addresses is inside', [PUBLIC, PRIVATE]],
    ['one has a zone', [PUBLIC, 'fe80::1%lo']],
    ['it has none', []],
  ])('forbids a name of which %s', async (_, addresses) => {
    const client = clientOf(new ScriptedResolver({ 'mixed.test': [addresses] }));
    await expect(get(client, 'mixed.test')).rejects.toMatchObject(FORBIDDEN);
    expect(sockets).toBe(0);
  });

  it('looks a name up once, and connects to what it said then', async () => {
    const resolver = new ScriptedResolver({ 'rebind.test': [[PUBLIC], [PRIVATE]] });
    const client = clientOf(resolver);
    expect((await get(client, 'rebind.test')).body.toString()).toBe('well');
    expect(resolver.asked).toEqual(['rebind.test']);
    await expect(get(client, 'rebind.test')).rejects.toMatchObject(FORBIDDEN);
    expect({ connections, sockets, seen: seen.length }).toEqual({
      connections: 0,
      sockets: 1,
      seen: 1,
    });
  });

  it('does not take a check of before for the address of now', async () => {
    const client = clientOf(new ScriptedResolver({ 'rebind.test': [[PUBLIC], [PRIVATE]] }));
    await client.check(`http://rebind.test:${port}/`);
    await expect(get(client, 'rebind.test')).rejects.toMatchObject(FORBIDDEN);
    expect(sockets).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect of %i', async (status) => {
    answering = (_, response) => {
      response.writeHead(status, { location: `http://${PRIVATE}:${port}/` }).end();
    };
    const answer = await get(clientOf(new ScriptedResolver(NAMES)), 'public.test');
    expect(answer.status).toBe(status);
    expect({ connections, sockets }).toEqual({ connections: 0, sockets: 1 });
  });

  it('does not say which address a name has', async () => {
    const client = clientOf(new ScriptedResolver({ 'db.internal': [['10.1.2.3']] }));
    await expect(get(client, 'db.internal')).rejects.not.toThrow('10.1.2.3');
  });

  it('waits no longer than the deadline, for a name or for an answer', async () => {
    answering = () => undefined;
    const slow = clientOf(new ScriptedResolver(NAMES), { deadlineMs: 100 });
    await expect(get(slow, 'public.test')).rejects.toThrow('no answer in time');
    const never = { resolve: () => new Promise<never>(() => undefined) };
    await expect(get(clientOf(never, { deadlineMs: 100 }), 'public.test')).rejects.toThrow(
      'no answer in time',
    );
    outside.closeAllConnections();
  });

  it('reads no more of an answer than the rules say', async () => {
    answering = (_, response) => void response.end('x'.repeat(1_001));
    const client = clientOf(new ScriptedResolver(NAMES), { answerBytes: 1_000 });
    await expect(get(client, 'public.test')).rejects.toThrow('more than 1000 bytes');
    answering = (_, response) => void response.end('x'.repeat(1_000));
    expect((await get(client, 'public.test')).body).toHaveLength(1_000);
  });

  it('says that nobody answers, and where no name leads', async () => {
    const client = clientOf(new ScriptedResolver(NAMES), { ports: [1] });
    await expect(client.send('http://public.test:1/', { method: 'GET' })).rejects.toThrow(
      'cannot be reached (ECONNREFUSED)',
    );
    const broken = { resolve: () => Promise.reject(new Error('NXDOMAIN')) };
    await expect(get(clientOf(broken), 'nowhere.test')).rejects.toBeInstanceOf(OutboundFailure);
  });

  it('takes https and its port alone unless told otherwise', async () => {
    const client = new OutboundClient({ networks: PUBLIC_ALONE }, new ScriptedResolver(NAMES));
    await expect(client.check('https://public.test/')).resolves.toBeUndefined();
    for (const url of [
      'http://public.test/',
      'https://public.test:22/',
      'http://public.test:443/',
    ]) {
      await expect(client.check(url)).rejects.toMatchObject(FORBIDDEN);
    }
  });
});
