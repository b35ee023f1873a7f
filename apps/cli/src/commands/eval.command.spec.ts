import { ContractServer, problem } from '../../testing/contract-server.fixture.js';
import { anExplanation, aScoredMemory, aSearchReply } from '../../testing/resources.fixture.js';
import { runSoma, words } from '../../testing/run-soma.fixture.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import type { ScoredMemory } from '../memory.js';

interface Body {
  readonly query: string;
  readonly recipe?: string;
}

const found = (ref: string, ...arms: string[]): ScoredMemory =>
  aScoredMemory({
    metadata: { ref },
    explanation: anExplanation({ found_by: arms.map((arm) => ({ arm })) }),
  });

const SEARCH = '/memories/search';

/** What the service finds for each question, by recipe. */
const RESULTS: Readonly<Record<string, readonly ScoredMemory[]>> = {
  'context tea?': [found('a', 'dense', 'lexical'), found('x', 'dense')],
  'context door?': [found('x', 'dense'), found('b', 'context')],
  'lexical tea?': [found('x', 'lexical'), found('a', 'lexical')],
  'lexical door?': [],
};

const LINES = [
  { query: 'tea?', relevant: ['a'], category: 'drinks', id: 'q1' },
  { query: 'door?', relevant: ['b', 'gone'], category: 'house' },
  { query: 'nobody knows?', relevant: [] },
]
  .map((line) => JSON.stringify(line))
  .join('\n');

describe('soma eval', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => {
    server.reset();
    server.answerWith(({ path, query, body }) => {
      if (path === '/memories') {
        const isGone = query.filter?.includes('gone') ?? false;
        return { body: { memories: isGone ? [] : [aScoredMemory()], next_cursor: null } };
      }
      const { query: asked, recipe = 'context' } = body as Body;
      return { body: aSearchReply(body, RESULTS[`${recipe} ${asked}`] ?? []) };
    });
  });
  afterAll(() => server.close());

  const evaluate = (line = '', surroundings: Parameters<typeof runSoma>[1] = {}) =>
    runSoma(
      [
        ...words(`eval --data - --match metadata.ref --url ${server.url} --token t`),
        ...(line === '' ? [] : words(line)),
      ],
      { stdin: LINES, ...surroundings },
    );

  it('P45 measures recall, nDCG and MRR, overall and by category', async () => {
    const { code, stdout } = await evaluate('--json');
    const { recipes, queries } = JSON.parse(stdout) as Evaluation;
    const [card] = recipes;
    expect({ code, queries, measured: card?.queries }).toEqual({
      code: 0,
      queries: 3,
      measured: 2,
    });
    expect(card?.recipe).toBe('context');
    const means = Object.entries(card?.measures ?? {}).map(([name, { mean }]) => [name, mean]);
    const ndcg = (1 + 1 / Math.log2(3) / (1 + 1 / Math.log2(3))) / 2;
    expect(means).toEqual([
      ['recall@1', 0.5],
      ['recall@5', 0.75],
      ['recall@10', 0.75],
      ['nDCG@10', expect.closeTo(ndcg, 12)],
      ['MRR', 0.75],
    ]);
    expect(card?.measures['recall@10']).toMatchObject({ low: 0.5, high: 1 });
    expect(card?.categories.map(({ category, queries: n }) => [category, n])).toEqual([
      ['drinks', 1],
      ['house', 1],
    ]);
  });

  it('P45 asks with explanations, for k memories, and lets the service count tokens', async () => {
    const { stdout } = await evaluate('--json -k 3 -n diary --recipe lexical --concurrency 1');
    expect(server.requests[0]?.body).toEqual({
      query: 'tea?',
      top_k: 3,
      namespace: 'diary',
      recipe: 'lexical',
      explain: true,
      max_tokens: 1_000_000,
    });
    const [card] = (JSON.parse(stdout) as Evaluation).recipes;
    expect(Object.keys(card?.measures ?? {})).toEqual(['recall@1', 'recall@3', 'nDCG@3', 'MRR']);
    expect(card?.tokens).toBeCloseTo(8 / 3, 12);
    expect(card?.latency_ms.took).toEqual({ p50: 4, p95: 4 });
    expect(card?.latency_ms.stages).toMatchObject({ arms: { p50: 2, p95: 2 } });
  });

  it('P45 says what each arm found, and what no other found', async () => {
    const { stdout } = await evaluate('--json');
    const [card] = (JSON.parse(stdout) as Evaluation).recipes;
    expect(card?.relevant_found).toBe(2);
    expect(card?.arms).toEqual([
      { arm: 'dense', found: 0.5, found_only_by_it: 0 },
      { arm: 'lexical', found: 0.5, found_only_by_it: 0 },
      { arm: 'context', found: 0.5, found_only_by_it: 0.5 },
    ]);
    expect(card?.features.map(({ feature }) => feature)).toEqual(['sentence', 'cosine']);
  });

  it('reports a query without relevant memories, and a relevant memory that is not there', async () => {
    const { code, stdout, stderr } = await evaluate();
    expect(code).toBe(0);
    expect(stderr).toContain(
      '2 of 3 queries measured, 10 memories asked for, matched by metadata.ref',
    );
    expect(stderr).toContain('not measured, as they name no relevant memory: line 3');
    expect(stderr).toContain(
      'not found, as the service does not have them: gone (line 2). Is it --match',
    );
    expect(stdout).toContain('recall@10\t0.7500\t0.5000\t1.0000\n');
    expect(stdout).toContain('context\t50.0 % / 50.0 %\n');
  });

  it('P45 sets recipes side by side, with the difference query by query', async () => {
    const { stdout } = await evaluate('--compare context,lexical --json');
    const { recipes, differences } = JSON.parse(stdout) as Evaluation;
    expect(recipes.map(({ recipe, measures }) => [recipe, measures['recall@5']?.mean])).toEqual([
      ['context', 0.75],
      ['lexical', 0.5],
    ]);
    expect(differences).toMatchObject([
      { recipe: 'lexical', against: 'context', measures: { 'recall@5': { mean: -0.25 } } },
    ]);
    const shown = await evaluate('--compare context,lexical');
    expect(shown.stdout).toMatch(/^lexical\t2\t0\.000 ±0\.000\t0\.500 ±0\.500\t/m);
    expect(shown.stdout).toMatch(/^lexical\t2\t-0\.500 ±0\.500\t/m);
    expect(shown.stdout).toMatch(/^CATEGORY \(recall@10\)\tcontext\tlexical$/m);
  });

  it('goes on after a search that is refused, tells its line, and is exit code 5', async () => {
    server.answerWith(({ path, body }) =>
      path !== SEARCH
        ? undefined
        : (body as Body).query === 'door?'
          ? problem(400, 'VALIDATION_FAILED', 'The filter is not valid.')
          : { body: aSearchReply(body, [found('a', 'dense')]) },
    );
    const { code, stdout, stderr } = await evaluate();
    expect(code).toBe(5);
    expect(stdout).toContain('recall@10\t1.0000');
    expect(stderr).toContain('line 2 (context): VALIDATION_FAILED: The filter is not valid.');
    expect(stderr).toContain('error: SEARCHES_FAILED: 1 of 3 searches failed.');
  });

  it('gives up when the service is away, and at once when the token is refused', async () => {
    server.answerWith(() => problem(503, 'DEPENDENCY_UNAVAILABLE', 'Postgres is away.'));
    const stdin = Array<string>(40).fill('{"query":"a","relevant":["a"]}').join('\n');
    const away = await evaluate('', { stdin });
    expect(away).toMatchObject({ code: 6, stdout: '' });
    expect(away.stderr).toContain('Gave up after 10 failures in a row. Postgres is away.');
    expect(server.requests.length).toBeLessThan(20);

    server.reset();
    server.answerWith(() => problem(401, 'UNAUTHENTICATED', 'The token is not valid.'));
    expect((await evaluate()).code).toBe(4);
    expect(server.requests).toHaveLength(1);
  });

  it('waits when the rate is limited', async () => {
    let refusals = 2;
    server.answerWith(({ path, body }) => {
      if (path !== SEARCH) return undefined;
      refusals -= 1;
      return refusals >= 0
        ? { ...problem(429, 'RATE_LIMITED', 'Slow down.'), headers: { 'retry-after': '0' } }
        : { body: aSearchReply(body, [found('a', 'dense')]) };
    });
    expect((await evaluate()).code).toBe(0);
  });

  it('lists what is wrong with the file by line, and asks nothing then', async () => {
    const stdin = '{"query":"a","relevant":[]}\n\n{"query":"b","gold":[]}\nnot json\n';
    const { code, stderr } = await evaluate('', { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain('error: USAGE: 3 faults in the file.');
    expect(stderr).toContain(
      '  line 3: unknown field "gold"; allowed are: query, relevant, namespace',
    );
    expect(stderr).toContain('  line 4: is not JSON');
    expect((await evaluate('', { stdin: '\n' })).stderr).toContain('The file has no query.');
    expect((await evaluate('--compare context,magic')).stderr).toContain('Recipes are context,');
    expect((await evaluate('--compare dense --recipe rrf')).code).toBe(2);
    expect(server.requests).toHaveLength(0);
  });

  it('draws a progress bar on a terminal only', async () => {
    const { stderr } = await evaluate('--compare context,lexical', { isTTY: true, columns: 200 });
    expect(stderr).toMatch(/\[#+-*\] +\d+% {2}3 asked/);
    expect(stderr).toContain('100%  6 asked');
    expect((await evaluate()).stderr).not.toContain('\r');
  });
});
