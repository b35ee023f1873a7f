import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractServer, problem } from '../../testing/contract-server.fixture.js';
import { emptyFolder, runSoma } from '../../testing/run-soma.fixture.js';

describe('soma login', () => {
  let server: ContractServer;
  let cwd: string;
  let file: string;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => {
    server.reset();
    cwd = emptyFolder();
    file = join(cwd, '.config', 'soma', 'config.json');
  });
  afterAll(() => server.close());

  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  const login = (...argv: string[]) =>
    runSoma(['login', '--url', server.url, '--token', 'soma_a_b', ...argv], { cwd });

  it('P17 keeps address and token in a file of mode 600, and later commands use it', async () => {
    const { code, stdout, stderr } = await login();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(file);
    expect(stdout).not.toContain('soma_a_b');
    expect(modeOf(file)).toBe(0o600);
    expect(modeOf(join(cwd, '.config', 'soma'))).toBe(0o700);
    expect(readdirSync(join(cwd, '.config', 'soma'))).toEqual(['config.json']);

    await runSoma(['stats'], { cwd });
    expect(server.last.headers.authorization).toBe('Bearer soma_a_b');
  });

  it('P17 keeps several profiles, and logout removes one', async () => {
    await login();
    await login('--profile', 'work', '--admin-token', 'soma_admin_x');
    await runSoma(['tenants', 'list', '--profile', 'work'], { cwd });
    expect(server.last.headers.authorization).toBe('Bearer soma_admin_x');

    expect((await runSoma(['logout', '--profile', 'work'], { cwd })).code).toBe(0);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { profiles: object };
    expect(Object.keys(kept.profiles)).toEqual(['default']);
    expect((await runSoma(['logout', '--profile', 'work'], { cwd })).code).toBe(2);
  });

  it('P17 writes below XDG_CONFIG_HOME', async () => {
    const env = { XDG_CONFIG_HOME: join(cwd, 'xdg') };
    const argv = ['login', '--url', server.url, '--token', 't', '--no-check'];
    await runSoma(argv, { cwd, env });
    expect(modeOf(join(cwd, 'xdg', 'soma', 'config.json'))).toBe(0o600);
  });

  it('reads the token from standard input', async () => {
    const argv = ['login', '--url', server.url, '--token', '-', '--no-check'];
    expect((await runSoma(argv, { cwd, stdin: 'soma_c_d\n' })).code).toBe(0);
    await runSoma(['stats'], { cwd });
    expect(server.last.headers.authorization).toBe('Bearer soma_c_d');
  });

  it('does not keep a token that the service refuses', async () => {
    server.answerWith(() => problem(401, 'TOKEN_INVALID', 'The token is not valid.'));
    const { code, stderr } = await login();
    expect(code).toBe(4);
    expect(stderr).toContain('Nothing was kept.');
    expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('keeps a token that only lacks the scope for the trial question', async () => {
    server.answerWith(() => problem(403, 'SCOPE_MISSING', 'memories:read is missing.'));
    expect((await login()).code).toBe(0);
    expect(modeOf(file)).toBe(0o600);
  });

  it('P17 refuses a profile file that others can read, and says what to do', async () => {
    await login();
    chmodSync(file, 0o640);
    server.reset();
    const { code, stderr } = await runSoma(['stats'], { cwd });
    expect(code).toBe(4);
    expect(stderr).toContain(`chmod 600 ${file}`);
    expect(server.requests).toEqual([]);
  });

  it('says what is wrong with a file that is not a profile file', async () => {
    mkdirSync(join(cwd, '.config', 'soma'), { recursive: true });
    writeFileSync(file, '{"profiles":{"default":{"token":1}}}', { mode: 0o600 });
    const { code, stderr } = await runSoma(['stats'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('PROFILE_FILE_INVALID');
  });
});
