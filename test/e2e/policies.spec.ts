import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PolicyInput } from '@soma/policy';
import { AuditReader } from './audit-log.js';
import { newDataFolder } from './data-folder.js';
import { eventually } from './eventually.js';
import { ok, problem } from './http.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';

const BUNDLE = join(process.cwd(), 'policies', 'soma.tar.gz');
const SECRET = 'canaryofapolicy';

describe('the sample policy in the process', () => {
  let service: Service;
  let ours: Client;

  beforeAll(async () => {
    service = await startService({ SOMA_OPA_BUNDLE: BUNDLE });
    ours = await service.tenant();
  });
  afterAll(() => service.close());

  it('P43 lets through what scopes and policy allow', async () => {
    const { id } = await ours.store({ coord: '1', content: 'Kept.' });
    expect(await ours.read(id)).toMatchObject({ content: 'Kept.' });
    expect((await ours.search('Kept')).memories).toHaveLength(1);
    expect((await service.request('GET', '/healthz')).status).toBe(200);
    expect((await service.request('GET', '/memories')).status).toBe(401);
    const listed = await service.request('GET', '/admin/tenants', { token: OPERATOR_TOKEN });
    expect(listed.status).toBe(200);
  });

  it('P43 does not allow what scopes do not', async () => {
    const reader = await service.tenant(['memories:read']);
    expect(await reader.post('/memories', { content: 'x' })).toMatchObject(
      problem('SCOPE_MISSING'),
    );
  });
});

describe('a policy on a server', () => {
  let service: Service;
  let server: Server;
  let inputs: PolicyInput[];
  let allows: (input: PolicyInput) => unknown;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString('utf8')));
      request.on('end', () => {
        const { input } = JSON.parse(text) as { input: PolicyInput };
        inputs.push(input);
        const result = allows(input);
        if (result === 'fails') response.writeHead(500).end();
        else response.writeHead(200).end(JSON.stringify({ result }));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    service = await startService({
      SOMA_OPA_URL: `http://127.0.0.1:${port}/v1/data/soma/allow`,
      SOMA_OPA_TIMEOUT_MS: '5000',
    });
  });
  beforeEach(async () => {
    inputs = [];
    allows = () => true;
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    inputs = [];
  });
  afterAll(async () => {
    await service.close();
    server.closeAllConnections();
    server.close();
  });

  it('P43 denies one tenant and not the other, before anything is written', async () => {
    allows = ({ principal, action }) =>
      principal.tenant_id !== ours.tenantId || action.scope !== 'memories:write';
    expect(await ours.post('/memories', { coord: '1', content: 'x' })).toMatchObject(
      problem('POLICY_DENIED'),
    );
    expect((await ours.list()).memories).toEqual([]);
    expect(await theirs.store({ coord: '1', content: 'x' })).toMatchObject({ version: 1 });
  });

  it('P23 tells the audit of the tenant which route was refused to whom', async () => {
    allows = ({ principal, action }) =>
      principal.tenant_id !== ours.tenantId || action.scope !== 'memories:read';
    expect(await ours.get(`/memories/1?namespace=${SECRET}`)).toMatchObject(
      problem('POLICY_DENIED'),
    );
    const audit = new AuditReader(service);
    const events = await audit.awaited({ tenant: ours.tenantId, action: 'policy.deny' }, 1);
    expect(events).toMatchObject([
      { actor: ours.tokenId, target: 'GET /memories/{address}', outcome: 'refused' },
    ]);
    expect(await audit.events({ tenant: theirs.tenantId, action: 'policy.deny' })).toEqual([]);
  });

  it.each([
    ['false', false, 'POLICY_DENIED'],
    ['nothing', undefined, 'POLICY_DENIED'],
    ['an error', 'fails', 'POLICY_UNAVAILABLE'],
  ] as const)(
    'P43 fails closed on %s, on every route with a token',
    async (_case, result, code) => {
      const calls = [
        ['GET', '/memories', undefined],
        ['POST', '/memories/search', { query: 'x' }],
        ['GET', '/stats', undefined],
      ] as const;
      allows = () => result;
      for (const [method, path, body] of calls) {
        const { token } = ours;
        expect(await service.request(method, path, { token, body })).toMatchObject(problem(code));
      }
      allows = () => true;
      await eventually(
        () => ours.get('/stats'),
        ({ status }) => status === 200,
      );
    },
  );

  it('P43 tells the policy names, and not a word of what is stored or asked', async () => {
    await ours.store({
      coord: '1',
      namespace: 'notes',
      content: SECRET,
      payload: { SECRET },
      metadata: { SECRET },
      tags: [SECRET],
    });
    await ours.search(SECRET, { namespace: 'notes', filter: { tags: SECRET } });
    await ok(ours.get('/memories?tag=x'));
    expect(inputs.map(({ action, resource }) => [action.route, resource.namespaces])).toEqual([
      ['/memories', ['notes']],
      ['/memories/search', ['notes']],
      ['/memories', ['default']],
    ]);
    expect(new Set(inputs.map(({ resource }) => resource.tenant_id))).toEqual(
      new Set([ours.tenantId]),
    );
    const told = JSON.stringify(inputs);
    expect(told).not.toContain(SECRET);
    expect(told).not.toContain(ours.token.split('_')[2]);
  });
});

it('P43 does not start without the policy it was given', async () => {
  const folder = await newDataFolder();
  const path = join(folder, 'no-policy');
  await expect(startService({ SOMA_OPA_BUNDLE: path })).rejects.toThrow('is no policy');
  writeFileSync(path, readFileSync(BUNDLE).subarray(0, 1_000));
  await expect(startService({ SOMA_OPA_BUNDLE: path })).rejects.toThrow('is no policy');
});
