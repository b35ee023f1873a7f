import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ContractServer,
  problem,
  type RecordedRequest,
} from '../../testing/contract-server.fixture.js';
import { emptyFolder, runSoma } from '../../testing/run-soma.fixture.js';

const itemsOf = ({ body }: RecordedRequest): readonly Record<string, unknown>[] =>
  (body as { memories: Record<string, unknown>[] }).memories;

const linesOf = (count: number): string =>
  Array.from({ length: count }, (_, at) => `{"content":"memory ${at + 1}"}`).join('\n');

describe('soma store --file', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const storeLines = (stdin: string, argv: string[] = [], more: object = {}) =>
    runSoma(['store', '--file', '-', ...argv, '--url', server.url, '--token', 't'], {
      stdin,
      ...more,
    });

  it('P17 stores a file in batches of a thousand', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'memories.ndjson'), linesOf(2001));
    const { code, stdout } = await runSoma(
      ['store', '--file', 'memories.ndjson', '--url', server.url, '--token', 't'],
      { cwd },
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '2001 stored, 0 failed\n' });
    expect(server.requests.map((request) => itemsOf(request).length)).toEqual([1000, 1000, 1]);
    const sent = server.requests.flatMap(itemsOf).map(({ content }) => content);
    expect(sent).toEqual(Array.from({ length: 2001 }, (_, at) => `memory ${at + 1}`));
  });

  it('P17 keeps each batch under 900 kB', async () => {
    const line = JSON.stringify({ content: 'é'.repeat(100_000) });
    await storeLines(Array(12).fill(line).join('\n'));
    expect(server.requests.map((request) => itemsOf(request).length)).toEqual([4, 4, 4]);
    for (const { text } of server.requests) expect(Buffer.byteLength(text)).toBeLessThan(901_000);
  });

  it('P17 lists the items that failed with their lines, and is exit code 5', async () => {
    server.answerWith((request) => ({
      body: {
        results: itemsOf(request).map((item, index) =>
          item.content === 'bad'
            ? {
                index,
                status: 400,
                error: {
                  code: 'VALIDATION_FAILED',
                  detail: 'Not valid.',
                  errors: [{ path: 'importance', message: 'too high' }],
                },
              }
            : { index, status: 201, memory: {} },
        ),
      },
    }));
    const lines = '{"content":"ok"}\n\n{"content":"bad"}\nnot json\n[1]\n';
    const { code, stdout, stderr } = await storeLines(lines);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '1 stored, 3 failed\n' });
    expect(stderr).toContain('line 3: VALIDATION_FAILED: Not valid. (importance: too high)');
    expect(stderr).toContain('line 4: JSON_INVALID: The line is not JSON.');
    expect(stderr).toContain('line 5: JSON_INVALID: The line is not a JSON object');
    expect(stderr).toContain('error: BULK_ITEMS_FAILED: 3 of 4 memories were not stored.');
  });

  it('P17 puts all results together with --json, numbered over the whole input', async () => {
    const { code, stdout, stderr } = await storeLines(`${linesOf(1000)}\nbad\n{}\n`, ['--json']);
    const report = JSON.parse(stdout) as { results: { index: number; status: number }[] };
    expect(code).toBe(5);
    expect(report).toMatchObject({ stored: 1001, failed: 1 });
    expect(report.results.map(({ index }) => index)).toEqual(
      Array.from({ length: 1002 }, (_, i) => i),
    );
    expect(report.results[1000]).toMatchObject({ line: 1001, status: 400 });
    expect(JSON.parse(stderr)).toMatchObject({ code: 'BULK_ITEMS_FAILED', exit_code: 5 });
  });

  it('finds the line for which a whole batch is refused, and stores the others', async () => {
    server.answerWith((request) =>
      request.text.includes('__proto__')
        ? problem(400, 'JSON_KEY_FORBIDDEN', 'The key __proto__ is not allowed.')
        : undefined,
    );
    const lines = [...linesOf(9).split('\n'), '{"payload":{"__proto__":1}}', '{"content":"last"}'];
    const { code, stdout, stderr } = await storeLines(lines.join('\n'));
    expect({ code, stdout }).toEqual({ code: 5, stdout: '10 stored, 1 failed\n' });
    expect(stderr).toContain('line 10: JSON_KEY_FORBIDDEN');
  });

  it('says where to go on from when the service goes away', async () => {
    server.answerWith(() =>
      server.requests.length > 1
        ? problem(503, 'DEPENDENCY_UNAVAILABLE', 'Postgres is away.')
        : undefined,
    );
    const { code, stderr } = await storeLines(linesOf(1500));
    expect(code).toBe(6);
    expect(stderr).toContain('begins at line 1001 (1000 stored and 0 failed before it)');
    expect(stderr).toContain('tail -n +1001 <file> | soma store --file -');
  });

  it('waits when the rate is limited', async () => {
    server.answerWith(() =>
      server.requests.length < 3
        ? { ...problem(429, 'RATE_LIMITED', 'Slow down.'), headers: { 'retry-after': '0' } }
        : undefined,
    );
    expect(await storeLines(linesOf(2))).toMatchObject({ code: 0, stdout: '2 stored, 0 failed\n' });
    expect(server.requests).toHaveLength(3);
  });

  it('P17 gives --namespace to the lines that name none', async () => {
    await storeLines('{"content":"a"}\n{"content":"b","namespace":"own"}\n{}\n', ['-n', 'diary']);
    expect(itemsOf(server.last)).toEqual([
      { namespace: 'diary', content: 'a' },
      { namespace: 'own', content: 'b' },
      { namespace: 'diary' },
    ]);
  });

  it('makes an idempotency key for each batch', async () => {
    await storeLines(linesOf(1001), ['--idempotency-key', 'run-7']);
    expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'run-7-1-1000',
      'run-7-1001-1',
    ]);
  });

  it('sends the lines as they are written', async () => {
    await storeLines('{"content":"x","payload":{"n":9007199254740993}}');
    expect(server.last.text).toBe(
      '{"memories":[{"content":"x","payload":{"n":9007199254740993}}]}',
    );
  });

  it('P17 draws a progress bar on a terminal only', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'm.ndjson'), linesOf(1500));
    const argv = ['store', '--file', 'm.ndjson', '--url', server.url, '--token', 't'];
    const onTerminal = await runSoma(argv, { cwd, isTTY: true, columns: 80 });
    expect(onTerminal.stderr).toMatch(/\[#+-*\] +\d+% {2}1000 stored/);
    expect(onTerminal.stderr).toContain('100%  1500 stored');
    expect((await runSoma(argv, { cwd })).stderr).toBe('');
  });
});
