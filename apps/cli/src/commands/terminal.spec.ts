import { ContractServer } from '../../testing/contract-server.fixture.js';
import { aLink, aMemory } from '../../testing/resources.fixture.js';
import { runSoma, words } from '../../testing/run-soma.fixture.js';

const PLAIN = { NO_COLOR: '1' };
const BOLD = '\u001b[1m';

describe('soma: what a person sees', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (argv: string[], surroundings: Parameters<typeof runSoma>[1] = {}) =>
    runSoma([...argv, '--url', server.url, '--token', 'soma_a_b'], surroundings);

  it('waits for long admin work, and says on a terminal what for', async () => {
    const body = { finished_at: '2026-01-01T00:00:00.000Z', dry_run: false, tenants: [] };
    server.answerWith(async () => {
      await new Promise((resolve) => {
        setTimeout(resolve, 2_300);
      });
      return { body };
    });
    const reconcile = ['admin', 'reconcile'];
    const shown = await soma(reconcile, { isTTY: true, columns: 80, env: PLAIN });
    expect(shown.stderr).toMatch(/comparing, [12] s/);
    const json = await soma([...reconcile, '--json'], { isTTY: true, columns: 80, env: PLAIN });
    expect(json.stderr).toBe('');
    expect(JSON.parse(json.stdout)).toEqual(body);
  });

  it('says what a partial answer lacks, and why', async () => {
    const partial_reason = 'embedding-unavailable';
    const body = { memories: [], took_ms: 1, partial: true, partial_reason };
    server.answerWith(() => ({ body }));
    const { stderr } = await soma(['recall', 'tea']);
    expect(stderr).toContain(
      'warning: partial: the embedder does not answer, so words alone were searched (embedding-unavailable)',
    );
    const { stdout } = await soma(['recall', 'tea', '--json']);
    expect(JSON.parse(stdout)).toEqual(body);
  });

  it('says of a memory that its embedding is pending, and nothing when it is there', async () => {
    const pending = aMemory({ embedding: 'pending' });
    server.answerWith(() => ({ status: 201, body: pending }));
    const store = ['store', '--content', 'tea'];
    expect((await soma(store)).stderr).toContain('embedding: pending');
    const json = await soma([...store, '--json']);
    expect(JSON.parse(json.stdout)).toEqual(pending);
    expect(json.stderr).toBe('');
    expect((await soma(['get', '1,2,3'])).stdout).toMatch(/^embedding\s+pending/m);
    server.answerWith(() => ({ status: 201, body: aMemory({ embedding: 'ready' }) }));
    expect((await soma(store)).stderr).toBe('');
    expect((await soma(['get', '1,2,3'])).stdout).not.toContain('embedding');
  });

  it('P17 recall prints score, coordinate, type and content', async () => {
    const { stdout, stderr } = await soma(['recall', 'tea'], {
      isTTY: true,
      columns: 80,
      env: PLAIN,
    });
    expect(stdout).toBe(
      [
        ' SCORE  COORDINATE  TYPE      CONTENT',
        '0.8125  1,2,3       episodic  Ada prefers tea',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('1 found in 4 ms\n');
  });

  it('P17 fits a table to the terminal and cuts long content with …', async () => {
    const memory = { ...aMemory({ content: 'word '.repeat(100) }), score: 1 };
    server.answerWith(() => ({ body: { memories: [memory], took_ms: 1, partial: false } }));
    const { stdout } = await soma(['recall', 'w'], {
      isTTY: true,
      columns: 60,
      env: PLAIN,
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    expect(lines[1]).toMatch(/word…$|…$/);
  });

  it('P17 cuts nothing in a file or a pipe, and ends each cell with a tab', async () => {
    const content = 'tab\there '.repeat(100);
    const memory = { ...aMemory({ content, coordinate: '1,2' }), score: 1 };
    server.answerWith(() => ({ body: { memories: [memory], took_ms: 1, partial: false } }));
    const { stdout } = await soma(['recall', 'w']);
    expect(stdout.split('\n').map((line) => line.split('\t'))).toEqual([
      ['SCORE', 'COORDINATE', 'TYPE', 'CONTENT'],
      ['1.0000', '1,2', 'episodic', 'tab here '.repeat(100).trim()],
      [''],
    ]);
  });

  it('P17 colours only a terminal, and not with NO_COLOR', async () => {
    const terminal = { isTTY: true, columns: 80 };
    expect((await soma(['list'], terminal)).stdout).toContain(BOLD);
    expect((await soma(['list'], { ...terminal, env: PLAIN })).stdout).not.toContain(BOLD);
    expect((await soma(['list'])).stdout).not.toContain(BOLD);
  });

  it('does not let a stored text move the cursor or fake a row', async () => {
    const content = 'a\u001b]0;title\u0007\nfake  row\u202e';
    server.answerWith(() => ({ body: { memories: [aMemory({ content })], next_cursor: null } }));
    const { stdout } = await soma(['list']);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stdout).toContain('a\\u{001b}]0;title\\u{0007} fake row\\u{202e}');
  });

  it('warns when a recall may be incomplete', async () => {
    server.answerWith(() => ({
      body: { memories: [], took_ms: 1, partial: true, partial_reason: 'index away' },
    }));
    const { code, stderr } = await soma(['recall', 'tea']);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: partial: something may be missing (index away)');
  });

  it('P17 get prints every field, the content in full', async () => {
    server.answerWith(() => ({ body: aMemory({ content: 'one\ntwo', speaker: 'Ada' }) }));
    const { stdout } = await soma(['get', '1,2,3']);
    expect(stdout).toMatch(/^coordinate +1,2,3$/m);
    expect(stdout).toMatch(/^version +1$/m);
    expect(stdout).toMatch(/^speaker +Ada$/m);
    expect(stdout).toMatch(/^content +one\n +two$/m);
    expect(stdout).not.toMatch(/^session/m);
  });

  it('P17 list says how to go on', async () => {
    server.answerWith(() => ({ body: { memories: [aMemory()], next_cursor: 'abc' } }));
    const { stdout, stderr } = await soma(['list']);
    expect(stdout).toContain('COORDINATE');
    expect(stderr).toContain('--cursor abc');
  });

  it('P17 neighbors shows which way each link points', async () => {
    const memory = aMemory();
    const away = aLink({ from_id: memory.id, to_id: 'other', link_type: 'follows' });
    server.answerWith(() => ({
      body: {
        neighbors: [
          { memory, depth: 1, link: aLink() },
          { memory, depth: 2, link: away },
        ],
        truncated: true,
      },
    }));
    const { stdout, stderr } = await soma(['neighbors', '4,5,6']);
    expect(stdout).toContain('→ causes');
    expect(stdout).toContain('← follows');
    expect(stderr).toContain('raise --limit');
  });

  it('P17 path shows the steps and the strength', async () => {
    const { stdout, stderr } = await soma(['path', '--from', '4,5,6', '--to', '1,2,3']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stdout).toContain('→ causes');
    expect(stderr).toBe('1 link, strength 0.800\n');
  });

  it('P17 path says when there is none, and that is an answer, not an error', async () => {
    server.answerWith(() => ({
      body: {
        found: false,
        length: null,
        strength: null,
        memories: [],
        links: [],
        truncated: true,
      },
    }));
    const { code, stdout, stderr } = await soma(['path', '--from', '1', '--to', '2']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('No path.');
    expect(stderr).toContain('too big to search all of it');
  });

  it('P17 stats and health print what the API counts and measures', async () => {
    expect((await soma(['stats'])).stdout).toMatch(/^memories by_type episodic +7$/m);
    expect((await soma(['health'])).stdout).toMatch(/^postgres\tok\t1\.3 ms$/m);
  });

  it('P17 tokens create shows the token on stdout and a warning beside it', async () => {
    const { stdout, stderr } = await soma(
      words(`tokens create --tenant tenant-1 --name agent --scopes memories:read`),
    );
    expect(stdout).toMatch(/^token +soma_token-1_secret$/m);
    expect(stderr).toContain('not shown again');
  });
});
