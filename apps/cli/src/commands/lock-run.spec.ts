import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractServer, problem } from '../../testing/contract-server.fixture.js';
import { emptyFolder, runSoma } from '../../testing/run-soma.fixture.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

describe('soma lock run', () => {
  let server: ContractServer;
  let cwd: string;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => {
    server.reset();
    cwd = emptyFolder();
  });
  afterAll(() => server.close());

  const run = (options: readonly string[], ...command: string[]) => {
    const globals = ['--url', server.url, '--token', 'soma_a_b', '--json'];
    return runSoma([...globals, 'lock', 'run', 'n m/ü', ...options, '--', ...command], { cwd });
  };
  const script = (text: string): [string, string, string] => [process.execPath, '-e', text];
  const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
  const written = (): string => readFileSync(join(cwd, 'out'), 'utf8');
  const WRITE = `require('node:fs').writeFileSync('out', Object.entries(process.env)
    .filter(([name]) => name.startsWith('SOMA_LOCK')).map((pair) => pair.join('=')).sort().join())`;

  it('P20 runs a command between acquire and release, and exits as it does', async () => {
    expect(await run(['--owner', 'Ada'], ...script(`${WRITE}; process.exit(7)`))).toEqual({
      code: 7,
      stdout: '',
      stderr: '',
    });
    expect(asked()).toEqual(['POST /locks', 'DELETE /locks/n m/ü']);
    expect(server.requests.map(({ body }) => body)).toEqual([
      { name: 'n m/ü', ttl_ms: 30_000, owner: 'Ada' },
      { token: 'lease_a' },
    ]);
    expect(written()).toBe(
      'SOMA_LOCK_FENCING_TOKEN=7,SOMA_LOCK_NAME=n m/ü,SOMA_LOCK_TOKEN=lease_a',
    );
  });

  it('P20 renews while the command runs', async () => {
    const { code } = await run(['--ttl', '0.6'], ...script('setTimeout(() => {}, 1500)'));
    expect(code).toBe(0);
    const renewals = asked().filter((request) => request === 'POST /locks/n m/ü/renew');
    expect(renewals.length).toBeGreaterThanOrEqual(3);
    expect(asked().at(-1)).toBe('DELETE /locks/n m/ü');
  });

  it('P20 ends the command when the lock is lost', async () => {
    const lost = problem(409, 'LOCK_NOT_HELD', 'It ran out.');
    server.answerWith(({ path }) => (path.endsWith('/renew') ? lost : undefined));
    const late = script(`setTimeout(() => { ${WRITE} }, 20_000)`);
    const { code, stderr } = await run(['--ttl', '0.3'], ...late);
    expect({ code, said: JSON.parse(stderr) as unknown }).toMatchObject({
      code: 5,
      said: { code: 'LOCK_LOST' },
    });
    expect(existsSync(join(cwd, 'out'))).toBe(false);
  });

  it('runs nothing when another holds the lock', async () => {
    server.answerWith(() => problem(409, 'LOCK_HELD', 'Held by "Ada".'));
    const { code, stderr } = await run([], ...script(WRITE));
    expect(code).toBe(5);
    expect(stderr).toContain('LOCK_HELD');
    expect(asked()).toEqual(['POST /locks']);
    expect(existsSync(join(cwd, 'out'))).toBe(false);
  });

  it('waits in several requests for longer than the API does', async () => {
    const held = problem(409, 'LOCK_HELD', 'Held.');
    server.answerWith(({ path }) =>
      path === '/locks' && server.requests.length < 3 ? held : undefined,
    );
    expect((await run(['--wait', '60'], ...script(''))).code).toBe(0);
    const waits = server.requests.flatMap(({ path, body }) =>
      path === '/locks' ? [(body as { wait_ms: number }).wait_ms] : [],
    );
    expect(waits).toEqual([10_000, 10_000, 10_000]);
  });

  it('gives the lock back when there is no such command', async () => {
    const { code, stderr } = await run([], join(cwd, 'missing'));
    expect({ code, said: JSON.parse(stderr) as unknown }).toMatchObject({
      code: 2,
      said: { detail: expect.stringContaining('ENOENT') },
    });
    expect(asked().at(-1)).toBe('DELETE /locks/n m/ü');
  });
});
