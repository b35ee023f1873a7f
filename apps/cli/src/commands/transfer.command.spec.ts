import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractServer, problem } from '../../testing/contract-server.fixture.js';
import { emptyFolder, runSoma, words } from '../../testing/run-soma.fixture.js';

const LINES =
  '{"coord":"1","content":"one"}\n{"coord":"2","content":"two"}\n{"link":{"from_coord":"1","to_coord":"2"}}\n';

const counted = (read: number, more: object = {}) => ({
  read,
  stored: read,
  replaced: 0,
  skipped: 0,
  failed: 0,
  quarantined: 0,
  errors: [],
  next_line: null,
  stopped: null,
  ...more,
});

describe('soma export and soma import', () => {
  let server: ContractServer;
  let cwd: string;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => {
    server.reset();
    cwd = emptyFolder();
    server.answerWith(({ path, text }) => {
      if (path === '/memories/export') return { text: LINES };
      return { body: counted(text.split('\n').length - 1) };
    });
  });
  afterAll(() => server.close());

  const run = (...argv: string[]) =>
    runSoma([...argv, '--url', server.url, '--token', 'soma_a_b'], { cwd });
  const runWith = (stdin: string, ...argv: string[]) =>
    runSoma(['import', '-', ...argv, '--url', server.url, '--token', 'soma_a_b'], { cwd, stdin });
  const file = (name = 'out.ndjson') => join(cwd, name);

  describe('export', () => {
    it('P30 prints the lines of what it is asked for', async () => {
      const flags = words('--namespace n --type semantic --tag t --slot s');
      const { code, stdout } = await run('export', ...flags, '--filter', '{"importance":1}');
      expect({ code, stdout }).toEqual({ code: 0, stdout: LINES });
      expect(server.last).toMatchObject({ method: 'GET', path: '/memories/export' });
      expect(server.last.query).toEqual({
        namespace: 'n',
        memory_type: 'semantic',
        tag: 't',
        slot: 's',
        filter: '{"importance":1}',
      });
    });

    it('P30 writes a file that is there once it is whole, and not over another', async () => {
      const { code, stdout } = await run('export', '--out', 'out.ndjson', '--json');
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: `${JSON.stringify({ file: file(), lines: 3 })}\n`,
      });
      expect(readFileSync(file(), 'utf8')).toBe(LINES);
      expect((await run('export', '--out', 'out.ndjson')).code).toBe(2);
      server.answerWith(() => problem(503, 'DEPENDENCY_UNAVAILABLE', 'Away.'));
      expect((await run('export', '--out', 'other.ndjson')).code).toBe(6);
      expect(existsSync(file('other.ndjson'))).toBe(false);
    });

    it('P30 goes on after the last whole memory of a file that was cut off', async () => {
      const [first = ''] = LINES.split('\n');
      writeFileSync(file('out.ndjson.part'), `${first}\n${first.replace('1', '7')}\n{"coord":"2`);
      server.answerWith(() => ({ text: '{"coord":"8"}\n' }));
      expect((await run('export', '--out', 'out.ndjson', '--resume')).code).toBe(0);
      expect(server.last.query).toEqual({ after: '7' });
      expect(readFileSync(file(), 'utf8')).toBe(
        `${first}\n${first.replace('1', '7')}\n{"coord":"8"}\n`,
      );
      expect(existsSync(file('out.ndjson.part'))).toBe(false);
    });

    it('P30 asks for links again where they were cut off', async () => {
      writeFileSync(file('out.ndjson.part'), LINES);
      server.answerWith(() => ({ text: '{"link":{}}\n' }));
      expect((await run('export', '--out', 'out.ndjson', '--resume')).code).toBe(0);
      expect(server.last.query).toEqual({ after: '2' });
      expect(readFileSync(file(), 'utf8')).toBe(LINES.replace(/\{"link".*\n/, '{"link":{}}\n'));
    });
  });

  describe('import', () => {
    it('P30 sends lines as they are, in requests of a thousand', async () => {
      const lines = Array.from({ length: 2_001 }, (_, n) => `{"coord":"${n}","content":"é"}`);
      writeFileSync(file('in.ndjson'), lines.join('\n'));
      const flags = words('--namespace n --on-conflict replace');
      const { code, stdout } = await run('import', 'in.ndjson', ...flags);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: '2001 stored, 0 replaced, 0 skipped, 0 failed\n',
      });
      expect(server.requests.map(({ text }) => text.split('\n').length - 1)).toEqual([
        1_000, 1_000, 1,
      ]);
      expect(server.requests.map(({ text }) => text).join('')).toBe(`${lines.join('\n')}\n`);
      expect(server.last).toMatchObject({
        method: 'POST',
        path: '/memories/import',
        query: { namespace: 'n', on_conflict: 'replace' },
      });
      expect(server.last.headers['content-type']).toBe('application/x-ndjson');
    });

    it('P30 names lines that fail by their number in the file, and is exit code 5', async () => {
      const error = { line: 2, status: 400, code: 'JSON_INVALID', detail: 'No.', errors: [] };
      server.answerWith(() => ({ body: counted(2, { stored: 1, failed: 1, errors: [error] }) }));
      const { code, stdout, stderr } = await runWith('\n{"content":"a"}\n\n{"content"\n');
      expect(code).toBe(5);
      expect(stdout).toBe('1 stored, 0 replaced, 0 skipped, 1 failed\n');
      expect(stderr).toContain('line 4: JSON_INVALID: No.');
    });

    it('P30 goes on where the service had no more time', async () => {
      const late = { reason: 'time', status: null, code: null, detail: 'Late.' };
      server.answerWith(({ text }) =>
        server.requests.length === 1
          ? { body: counted(1, { next_line: 2, stopped: late }) }
          : { body: counted(text.split('\n').length - 1) },
      );
      const { code, stdout } = await runWith(LINES);
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: '3 stored, 0 replaced, 0 skipped, 0 failed\n',
      });
      expect(server.requests.map(({ text }) => text)).toEqual([
        LINES,
        LINES.slice(LINES.indexOf('\n') + 1),
      ]);
    });

    it('P30 stops where the quota ends, and says where to go on', async () => {
      const full = { reason: 'quota', status: 507, code: 'QUOTA_EXCEEDED', detail: 'Full.' };
      server.answerWith(() => ({ body: counted(2, { next_line: 3, stopped: full }) }));
      const { code, stderr } = await runWith(`\n${LINES}`);
      expect(code).toBe(5);
      expect(stderr).toContain('QUOTA_EXCEEDED');
      expect(stderr).toContain('--from-line 4');
      server.answerWith(({ text }) => ({ body: counted(text.split('\n').length - 1) }));
      await runWith(`\n${LINES}`, '--from-line', '4');
      expect(server.last.text).toBe('{"link":{"from_coord":"1","to_coord":"2"}}\n');
    });
  });
});
