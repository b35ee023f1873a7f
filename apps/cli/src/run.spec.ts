import { createServer } from 'node:net';
import { ContractServer, problem } from '../testing/contract-server.fixture.js';
import { runSoma } from '../testing/run-soma.fixture.js';

describe('run', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (...argv: string[]) =>
    runSoma([...argv, '--url', server.url, '--token', 'soma_a_b']);

  describe('exit codes', () => {
    it.each([
      [404, 'MEMORY_NOT_FOUND', 3],
      [404, 'ROUTE_NOT_FOUND', 3],
      [401, 'TOKEN_INVALID', 4],
      [403, 'SCOPE_MISSING', 4],
      [400, 'VALIDATION_FAILED', 5],
      [409, 'IDEMPOTENCY_KEY_REUSED', 5],
      [412, 'VERSION_MISMATCH', 5],
      [413, 'BODY_TOO_LARGE', 5],
      [429, 'RATE_LIMITED', 6],
      [503, 'DEPENDENCY_UNAVAILABLE', 6],
      [500, 'INTERNAL', 1],
    ])('P17 %i %s is exit code %i', async (status, code, expected) => {
      server.answerWith(() => problem(status, code, 'Because.'));
      const run = await soma('get', '1,2');
      expect(run.code).toBe(expected);
      expect(run.stdout).toBe('');
      expect(run.stderr).toContain(`error: ${code}: Because.`);
    });

    it.each([
      [['bogus']],
      [['get']],
      [['get', '1,2', '--id', 'x']],
      [['get', '1,2', '--nonsense']],
      [['recall']],
      [['context']],
      [['context', 'a', '--format', 'html']],
      [['recall', 'a', '--top-k', 'many']],
      [['recall', 'a', '--type', 'dream']],
      [['store']],
      [['store', '--payload', '{no json']],
      [['store', '--payload', '@missing.json']],
      [['store', '--payload', '-', '--metadata', '-']],
      [['store', '--content', 'x', '--importance', 'high']],
      [['store', '--file', 'missing.ndjson']],
      [['store', '--file', '-', '--coord', '1']],
      [['update', '1,2']],
      [['delete', '1,2', '--filter', '{}']],
      [['link', '--from', '1,2']],
      [['stats', '--timeout', '0']],
      [['stats', '--url', 'ftp://example.com']],
      [['stats', '--url', 'http://user:pass@127.0.0.1']],
      [['stats', '--token', 'two words']],
    ])('P17 %j is a usage error, and nothing is sent', async (argv) => {
      const { code, stdout, stderr } = await runSoma([
        '--url',
        server.url,
        '--token',
        't',
        ...argv,
      ]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: USAGE: .+/);
      expect(server.requests).toEqual([]);
    });

    it('shows the help and is a usage error without a command', async () => {
      const { code, stderr } = await runSoma([]);
      expect(code).toBe(2);
      expect(stderr).toContain('Usage: soma');
    });
  });

  describe('errors', () => {
    it('P17 tells code, detail, fields and request id', async () => {
      server.answerWith(() =>
        problem(400, 'VALIDATION_FAILED', 'The request is not valid.', {
          errors: [{ path: 'importance', message: 'must be at most 1, is 7' }],
        }),
      );
      const { stderr } = await soma('store', '--content', 'x', '--importance', '7');
      expect(stderr).toBe(
        'error: VALIDATION_FAILED: The request is not valid.\n' +
          '  importance: must be at most 1, is 7\n' +
          '  request id: req-1\n',
      );
    });

    it('does not say a fault twice that the detail names already', async () => {
      const errors = [{ path: 'strength', message: 'must be at most 1' }];
      const detail = '"strength": must be at most 1';
      server.answerWith(() => problem(400, 'VALIDATION_FAILED', detail, { errors }));
      const { stderr } = await soma('link', '--from', '1', '--to', '2', '--strength', '7');
      expect(stderr.split('must be at most 1')).toHaveLength(2);
    });

    it('P17 writes errors as JSON on stderr with --json, and nothing on stdout', async () => {
      server.answerWith(() => ({
        ...problem(429, 'RATE_LIMITED', 'Too many.'),
        headers: { 'retry-after': '7' },
      }));
      const { code, stdout, stderr } = await soma('stats', '--json');
      expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
      expect(JSON.parse(stderr)).toEqual({
        code: 'RATE_LIMITED',
        detail: 'Too many.',
        hint: 'Try again in 7 s.',
        status: 429,
        request_id: 'req-1',
        retry_after: 7,
        exit_code: 6,
      });
    });

    it('writes a usage error as JSON with --json', async () => {
      const { code, stderr } = await runSoma(['get', '--json', '--nonsense']);
      expect(code).toBe(2);
      expect(JSON.parse(stderr)).toMatchObject({ code: 'USAGE', exit_code: 2 });
    });

    it('P17 asks whether the service runs when the connection is refused', async () => {
      const { code, stderr } = await runSoma(['stats', '--url', await closedUrl(), '--token', 't']);
      expect(code).toBe(6);
      expect(stderr).toContain('error: CONNECTION_FAILED');
      expect(stderr).toContain('Is the service running? Start it with: npm start');
    });

    it('P17 gives up after --timeout', async () => {
      const slow: typeof fetch = (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        });
      const { code, stderr } = await runSoma(
        ['stats', '--url', server.url, '--token', 't', '--timeout', '0.05'],
        { fetch: slow },
      );
      expect(code).toBe(6);
      expect(stderr).toContain('error: TIMEOUT');
      expect(stderr).toContain('within 0.05 s');
    });

    it('says where a refused token came from', async () => {
      server.answerWith(() => problem(401, 'TOKEN_INVALID', 'The token is not valid.'));
      const { stderr } = await runSoma(['stats'], {
        env: { SOMA_URL: server.url, SOMA_TOKEN: 'soma_old_secret' },
      });
      expect(stderr).toContain('The token came from SOMA_TOKEN');
      expect(stderr).not.toContain('soma_old_secret');
    });

    it('does not follow a redirect with the token', async () => {
      server.answerWith(() => ({ status: 302, headers: { location: 'http://elsewhere.example' } }));
      const { code, stderr } = await soma('stats');
      expect(code).toBe(1);
      expect(stderr).toContain('http://elsewhere.example');
      expect(server.requests).toHaveLength(1);
    });

    it('does not take a web page for an answer', async () => {
      server.answerWith(() => ({ text: '<html>' }));
      const { code, stderr } = await soma('stats', '--json');
      expect(code).toBe(1);
      expect(JSON.parse(stderr)).toMatchObject({ code: 'NOT_THE_SERVICE' });
    });

    it('explains an answer without a problem document', async () => {
      server.answerWith(() => ({ status: 502, text: '<html>Bad gateway' }));
      const { code, stderr } = await soma('stats');
      expect(code).toBe(6);
      expect(stderr).toContain('error: HTTP_502');
    });

    it('does not let an error text of the service move the cursor', async () => {
      server.answerWith(() => problem(400, 'X', '\u001b[2Jgone'));
      const { stderr } = await soma('stats');
      expect(stderr).toContain('\\u{001b}[2Jgone');
    });

    it('says how to write a coordinate that begins with a minus', async () => {
      const { stderr } = await soma('get', '-1,2');
      expect(stderr).toContain('--coord -1,2');
    });

    it('P17 is unavailable when the service says it is down', async () => {
      server.answerWith(() => ({ status: 503, body: { status: 'down', dependencies: {} } }));
      const { code, stdout } = await soma('health', '--json');
      expect(code).toBe(6);
      expect(JSON.parse(stdout)).toEqual({ status: 'down', dependencies: {} });
    });
  });

  describe('help', () => {
    it('P17 prints the version of the package', async () => {
      expect(await runSoma(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
    });

    it.each([
      ['store', 'recall', 'get', 'update', 'delete', 'list', 'link', 'unlink', 'neighbors', 'path'],
      ['stats', 'health', 'tenants create', 'tenants list', 'tokens create', 'tokens list'],
      ['tokens revoke', 'login', 'logout', 'context'],
    ])('P17 each command has a help with an example (%s, …)', async (...commands) => {
      for (const command of commands) {
        const { code, stdout } = await runSoma([...command.split(' '), '--help']);
        expect(code).toBe(0);
        expect(stdout).toContain(`Examples:\n  $ soma ${command}`);
        expect(stdout).toContain('--json');
      }
    });
  });
});

/** The address of a port that was free a moment ago. */
async function closedUrl(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return `http://127.0.0.1:${address.port}`;
}
