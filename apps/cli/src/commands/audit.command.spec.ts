import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContractServer } from '../../testing/contract-server.fixture.js';
import { runSoma } from '../../testing/run-soma.fixture.js';

const TENANT = '0198c1f0-0000-7000-8000-000000000001';
const LINES = '{"action":"memories.store"}\n{"action":"memories.search"}\n';

describe('soma admin audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-audit-'));
  const file = join(folder, 'audit.ndjson');
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => {
    server.reset();
    server.answerWith(({ path }) => {
      if (path.endsWith('/export')) return { text: LINES };
      return { body: { events: [], next_cursor: null } };
    });
    rmSync(file, { force: true });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const run = (...argv: string[]) =>
    runSoma(['admin', 'audit', ...argv, '--url', server.url, '--token', 'soma_a_b']);
  const filter = ['--action', 'memories.read', '--actor', 'abc', '--memory', TENANT];
  const times = ['--since', '2026-11-21T12:00:00Z', '--until', '2026-11-22T12:00:00Z'];

  it.each([
    ['list', '/admin/audit'],
    ['export', '/admin/audit/export'],
  ])('%s asks for what the filter names', async (name, path) => {
    expect((await run(name, '--tenant', TENANT, ...filter, ...times)).code).toBe(0);
    expect(server.last).toMatchObject({ method: 'GET', path });
    expect(server.last.query).toEqual({
      tenant: TENANT,
      action: 'memories.read',
      token: 'abc',
      memory: TENANT,
      since: '2026-11-21T12:00:00Z',
      until: '2026-11-22T12:00:00Z',
    });
  });

  it('export prints the lines as they come', async () => {
    const { stdout, code } = await run('export', '--tenant', 'service');
    expect({ stdout, code }).toEqual({ stdout: LINES, code: 0 });
  });

  it('export writes a file, and no second one of that name unless forced', async () => {
    const written = await run('export', '--tenant', TENANT, '--out', file, '--json');
    expect(JSON.parse(written.stdout)).toEqual({ file, events: 2 });
    expect(readFileSync(file, 'utf8')).toBe(LINES);
    expect((await run('export', '--tenant', TENANT, '--out', file)).code).not.toBe(0);
    expect((await run('export', '--tenant', TENANT, '--out', file, '--force')).code).toBe(0);
  });

  it('export leaves no half of a file when the connection is cut', async () => {
    server.answerWith(() => ({ headers: { 'content-length': '999' }, text: LINES }));
    const cut = run('export', '--tenant', TENANT, '--out', file, '--timeout', '1');
    expect((await cut).code).not.toBe(0);
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
  });

  it('verify says what was purged before, and fails on a broken chain', async () => {
    const chain = { tenant_id: TENANT, events: 5, purged: 2, waiting: 0, head: 'ab' };
    server.answerWith(() => ({ body: { ...chain, intact: true, broken_at: null } }));
    const whole = await run('verify', '--tenant', TENANT);
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toContain('5 events after 2 purged');
    server.answerWith(() => ({ body: { ...chain, intact: false, broken_at: 8 } }));
    const broken = await run('verify', '--tenant', TENANT);
    expect(broken.code).not.toBe(0);
    expect(broken.stdout).toContain('BROKEN at event 8');
  });
});
