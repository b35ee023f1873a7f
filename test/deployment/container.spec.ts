import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyBuildContext, listing, runSteps } from './container-steps.ts';

interface Component {
  readonly name: string;
  readonly version: string;
}

const OPERATOR = 'operator-token-of-the-container';
/** On a machine with much else to do; alone it takes five seconds. */
const START_TIMEOUT_MS = 180_000;

/** The image without a container engine: its steps in a clean folder, and what they made, started. */
describe('what the image holds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-container-'));
  const app = join(folder, 'app');
  const data = join(folder, 'data');
  const environment = {
    NODE_ENV: 'production',
    SOMA_DATA_DIR: data,
    SOMA_API_PORT: '0',
    SOMA_ADMIN_TOKEN: OPERATOR,
    SOMA_LOG_LEVEL: 'warn',
    PATH: '/nowhere',
  };
  let steps: string[];
  let asBuilt: string[];
  let service: ChildProcess;
  let url = '';
  let token = '';

  const node = (args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, args, {
      cwd: app,
      env: { ...environment, ...env },
      encoding: 'utf8',
    });

  beforeAll(async () => {
    const source = join(folder, 'src');
    mkdirSync(source);
    copyBuildContext(source);
    steps = runSteps(source, folder);
    rmSync(source, { recursive: true });
    rmSync(join(folder, 'built'), { recursive: true });
    asBuilt = listing(app);

    service = spawn(process.execPath, ['dist/apps/api/src/main.js'], {
      cwd: app,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    service.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    service.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (token === '' && service.exitCode === null && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      [, url = ''] = /ready at (http:\S+)/.exec(output) ?? [];
      [, token = ''] = /Token\s+(soma_\S+)/.exec(output) ?? [];
    }
    if (token === '') throw new Error(`The service did not start.\n${output}`);
  }, 600_000);

  afterAll(() => {
    service.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is made by the three steps of the Dockerfile', () => {
    expect(steps).toEqual([
      'tools/container/dependencies.sh /app',
      'tools/container/build.sh /built',
      'tools/container/assemble.sh /app /built/dist',
    ]);
  });

  it('serves with nothing but node: what was stored is found', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const send = (path: string, body: object) =>
      fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect((await send('/memories', { content: 'Ada prefers tea' })).status).toBe(201);
    const found = await send('/memories/search', { query: 'what does Ada drink?' });
    expect(JSON.stringify(await found.json())).toContain('Ada prefers tea');
  });

  it('does not serve without a token', async () => {
    expect((await fetch(`${url}/memories`)).status).toBe(401);
  });

  it('is healthy by its health check, and says why it is not', () => {
    const healthy = node(['healthcheck.js'], { SOMA_API_PORT: new URL(url).port });
    expect([healthy.stderr, healthy.status]).toEqual(['', 0]);
    const sick = node(['healthcheck.js'], { SOMA_API_PORT: '1', SOMA_WORKER_PORT: '2' });
    expect(sick.status).toBe(1);
    expect(sick.stderr).toContain('fetch failed');
  });

  it('has the command line and the program for backups', () => {
    const help = node(['dist/apps/cli/src/main.js', '--help']);
    expect([help.stderr, help.status]).toEqual(['', 0]);
    expect(help.stdout).toContain('recall');
    const backup = node(['dist/apps/cli/src/main.js', 'admin', 'backup', '--out', join(data, 'b')]);
    expect(`${backup.stdout}${backup.stderr}`).not.toContain('PROGRAM_MISSING');
  });

  it.each(['dist/apps/worker/src/main.js', 'dist/apps/worker/src/migrate.js'])(
    'has %s, which says what it needs',
    (program) => {
      const { status, stderr } = node([program]);
      expect(status).toBe(1);
      expect(stderr).toContain('SOMA_POSTGRES_URL');
      expect(stderr).not.toContain('ERR_MODULE_NOT_FOUND');
    },
  );

  it.each(['owner', 'migrated'])('waits for the database (%s), not for ever', (what) => {
    const nobody = 'postgresql://nobody@127.0.0.1:1/soma';
    const urls = { SOMA_POSTGRES_URL: nobody, SOMA_POSTGRES_OWNER_URL: nobody };
    const waited = node(['wait-for-database.js', what], { ...urls, SOMA_WAIT_SECONDS: '1' });
    expect(waited.status).toBe(1);
    expect(waited.stderr).toMatch(/not ready within 1 s: .*ECONNREFUSED/);
  });

  it('has no sources, no tests and no packages of development', () => {
    const paths = asBuilt.map((line) => line.split(' ')[0] ?? '');
    const ours = paths.filter((path) => !path.startsWith('node_modules/'));
    expect(ours.filter((path) => /\.ts$|\.spec\.|\.map$|^\.env/.test(path))).toEqual([]);
    const packages = ['jest', 'typescript', 'prisma', 'node', '@swc/core', 'oxlint'];
    expect(packages.filter((name) => existsSync(join(app, 'node_modules', name)))).toEqual([]);
  });

  it('comes with a list of every package it holds, and of no other', () => {
    const text = readFileSync(join(app, 'sbom.cdx.json'), 'utf8');
    const { bomFormat, components } = JSON.parse(text) as {
      bomFormat: string;
      components: readonly Component[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    expect(new Set(listed)).toEqual(new Set(installedPackages(app)));
    expect(listed.length).toBeGreaterThan(100);
  });

  it('writes nowhere but into its data folder, and ends on SIGTERM', async () => {
    expect(listing(app)).toEqual(asBuilt);
    const ended = once(service, 'exit');
    service.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

/** `name@version` of each package in node_modules, by what npm wrote down of it. */
function installedPackages(app: string): string[] {
  const path = join(app, 'node_modules', '.package-lock.json');
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as {
    packages: Readonly<Record<string, { readonly version: string; readonly name?: string }>>;
  };
  return Object.entries(packages).map(
    ([place, { name, version }]) => `${name ?? place.split('node_modules/').at(-1)}@${version}`,
  );
}
