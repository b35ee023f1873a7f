import { ContractServer } from '../../testing/contract-server.fixture.js';
import { aContextReply } from '../../testing/resources.fixture.js';
import { runSoma } from '../../testing/run-soma.fixture.js';

describe('soma context', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (argv: string[]) => runSoma([...argv, '--url', server.url, '--token', 't']);

  it('P6 prints the text alone on stdout, and what it took beside it', async () => {
    expect(await soma(['context', 'what does', 'Ada drink?'])).toEqual({
      code: 0,
      stdout: '2026\n1 May\n[1] Ada prefers tea\n',
      stderr: '1 memories in 14 of 1024 tokens, 3 left out, in 5 ms\n',
    });
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/memories/context', body: { query: 'what does Ada drink?' } },
    ]);
  });

  it('P6 sends every option', async () => {
    const options = '--max-tokens 256 --format xml --order relevance --citations ids --whole';
    const more = '--context milk --type semantic -n n --at 2026-07-01T09:00:00Z --min-score 0.2';
    await soma(['context', 'tea', ...`${options} ${more}`.split(' '), '--filter', '{"tags":"a"}']);
    expect(server.requests[0]?.body).toEqual({
      query: 'tea',
      max_tokens: 256,
      format: 'xml',
      order: 'relevance',
      citations: 'ids',
      whole: true,
      context: 'milk',
      memory_type: 'semantic',
      namespace: 'n',
      at: '2026-07-01T09:00:00Z',
      min_score: 0.2,
      filter: { tags: 'a' },
    });
  });

  it('P6 passes the answer through with --json', async () => {
    const { stdout, stderr } = await soma(['context', 'tea', '--json']);
    expect(JSON.parse(stdout)).toEqual(aContextReply());
    expect(stderr).toBe('');
  });

  it('prints nothing for an empty text, and says when something may be missing', async () => {
    server.answerWith(() => ({
      body: aContextReply({ text: '', partial: true, partial_reason: 'index-unavailable' }),
    }));
    const { stdout, stderr } = await soma(['context', 'tea']);
    expect(stdout).toBe('');
    expect(stderr).toContain('warning: partial: the vector index does not answer');
  });

  it('lets no text move the cursor of a terminal', async () => {
    server.answerWith(() => ({ body: aContextReply({ text: 'a\u001b]0;title\u0007' }) }));
    expect((await soma(['context', 'tea'])).stdout).toBe('a\\u{001b}]0;title\\u{0007}\n');
  });
});
