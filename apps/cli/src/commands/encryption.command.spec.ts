import { ContractServer } from '../../testing/contract-server.fixture.js';
import { runSoma } from '../../testing/run-soma.fixture.js';

const TENANT = '0198c1f0-0000-7000-8000-000000000001';
const STATUS = {
  tenant_id: TENANT,
  policy: 'all',
  fields: ['content', 'payload'],
  key_version: 1,
  keys: [{ version: 1, wrapped_by: 'env:2026-11' }],
  wraps_with: 'env:2026-11',
  applied: false,
  remaining: { memories: 5, versions: 2 },
  destroyed_at: null,
};

describe('soma admin encryption', () => {
  let server: ContractServer;
  const replies = new Map<string, object[]>();
  const askedOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => {
    server.reset();
    server.answerWith((request) => ({
      body: replies.get(askedOf(request))?.shift() ?? STATUS,
    }));
  });
  afterAll(() => server.close());

  const run = (...argv: string[]) =>
    runSoma(['admin', 'encryption', ...argv, '--url', server.url, '--token', 'soma_a_b']);

  it('shows policy, keys and what is left to do', async () => {
    const { stdout, stderr, code } = await run('status', TENANT);
    expect({ code, asked: server.requests.map(askedOf) }).toEqual({
      code: 0,
      asked: [`GET /admin/tenants/${TENANT}/encryption`],
    });
    expect(stdout).toContain('1: env:2026-11');
    expect(stdout).toContain('5 memories, 2 versions');
    expect(stderr).toContain(`Next: soma admin encryption apply ${TENANT}`);
  });

  it('sets a policy with its fields, and refuses one that there is not', async () => {
    await run('set', TENANT, '--policy', 'fields', '--fields', 'payload', 'metadata');
    expect(server.last).toMatchObject({
      method: 'PUT',
      path: `/admin/tenants/${TENANT}/encryption`,
      body: { policy: 'fields', fields: ['payload', 'metadata'] },
    });
    expect((await run('set', TENANT, '--policy', 'some')).code).not.toBe(0);
    expect((await run('set', TENANT)).code).not.toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  it('applies step by step until there is no next, and adds up', async () => {
    const path = `POST /admin/tenants/${TENANT}/encryption/apply`;
    replies.set(path, [
      { changed: 4, next_cursor: 'second' },
      { changed: 3, next_cursor: null },
    ]);
    const { stdout } = await run('apply', TENANT, '--batch', '4', '--json');
    const steps = server.requests.filter((request) => askedOf(request) === path);
    expect(steps.map(({ body }) => body)).toEqual([{ limit: 4 }, { cursor: 'second', limit: 4 }]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: 7, steps: 2, tenant_id: TENANT });
  });

  it('rotates a data key', async () => {
    expect((await run('rotate', TENANT)).stdout).toContain('version 1');
    expect(askedOf(server.last)).toBe(`POST /admin/tenants/${TENANT}/encryption/rotate`);
  });

  it('wraps keys of all tenants anew, page by page', async () => {
    const path = 'POST /admin/encryption/rewrap';
    replies.set(path, [
      { tenants: 100, keys: 120, rewrapped: 120, next_cursor: 'more' },
      { tenants: 2, keys: 2, rewrapped: 1, next_cursor: null },
    ]);
    const { stdout } = await run('rewrap');
    expect(stdout).toBe('121 of 122 data keys of 102 tenants wrapped anew\n');
    expect(server.requests.map(({ body }) => body)).toEqual([{}, { cursor: 'more' }]);
  });
});
