import { ContractServer } from '../../testing/contract-server.fixture.js';
import { anExplanation, aScoredMemory, aSearchReply } from '../../testing/resources.fixture.js';
import { runSoma } from '../../testing/run-soma.fixture.js';
import { reasonsOf } from '../output/explanation-view.js';

const TERMINAL = { isTTY: true, columns: 100, env: { NO_COLOR: '1' } };

describe('soma recall --explain', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (argv: string[], surroundings: Parameters<typeof runSoma>[1] = {}) =>
    runSoma([...argv, '--url', server.url, '--token', 't'], surroundings);

  it('P6 shows what found each result, what moved its score most, and the time by stage', async () => {
    const { stdout, stderr } = await soma(['recall', 'tea', '--explain'], TERMINAL);
    expect(stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      '# | SCORE | COORDINATE | TYPE | FOUND BY | CONTENT',
      '1 | 0.8125 | 1,2,3 | episodic | dense #2 (0.61), lexical #1 (7.4) | Ada prefers tea',
      '',
      '# | FEATURE | RAW | VALUE | WEIGHT | CONTRIBUTION',
      '1 | sentence | 7.4 | 1 | 0.8 | +0.8000',
      '1 | cosine | 0.61 | 0.97 | 0.5 | +0.4850',
      '1 | (sum) | +1.2850',
      '',
    ]);
    expect(stderr).toBe(
      '1 found in 4 ms\nembed 0.1 ms, arms 2.0 ms, context 1.0 ms, rank 0.5 ms, read 0.4 ms\n',
    );
  });

  it('P6 passes the explanation through with --json', async () => {
    const { stdout } = await soma(['recall', 'tea', '--explain', '--json']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(aSearchReply({ explain: true }))));
  });

  it('P6 says how many tokens there are when a budget was given', async () => {
    const { stderr } = await soma(['recall', 'tea', '--max-tokens', '100']);
    expect(stderr).toBe('1 found in 4 ms, 4 tokens\n');
  });

  it('refuses a recipe that does not exist before anything is sent, and names those that do', async () => {
    const { code, stderr } = await soma(['recall', 'tea', '--recipe', 'magic']);
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are context, hybrid, rrf, dense, lexical.');
    expect(server.requests).toHaveLength(0);
  });
});

describe(reasonsOf.name, () => {
  it('orders by weight in either direction and adds up what it does not show', () => {
    const contributions = [0.1, -0.9, 0.2, 0.3, 0.4, 0.5, 0, 0.05].map((contribution, at) => ({
      feature: `f${at}`,
      raw: 1,
      value: 1,
      weight: contribution,
      contribution,
    }));
    const explanation = anExplanation({ contributions, sum: 0.65 });
    const reasons = reasonsOf([aScoredMemory({ explanation })]);
    expect(reasons.map(({ feature }) => feature)).toEqual([
      'f1',
      'f5',
      'f4',
      'f3',
      'f2',
      '(2 others)',
      '(sum)',
    ]);
    const total = reasons.slice(0, -1).reduce((sum, { contribution }) => sum + contribution, 0);
    expect(total).toBeCloseTo(0.65, 12);
  });
});
