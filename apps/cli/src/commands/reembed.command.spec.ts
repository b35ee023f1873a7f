import { ContractServer } from '../../testing/contract-server.fixture.js';
import { aModel, aReembedding } from '../../testing/resources.fixture.js';
import { runSoma } from '../../testing/run-soma.fixture.js';
import { EXIT } from '../exit-codes.js';

const next = (state: string, given: object = {}) => aModel({ model: 'next', state, ...given });

describe('soma admin reembed', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (...argv: string[]) =>
    runSoma(['admin', 'reembed', ...argv, '--url', server.url, '--token', 'soma_a_b']);
  const states = (...replies: object[]) =>
    server.answerWith(() => ({ body: replies[server.requests.length - 1] ?? replies.at(-1) }));

  it('waits until the new model is active, and says what can be done then', async () => {
    const retired = { ...aReembedding(next('active')), active: 'next' };
    states(
      aReembedding(next('building', { memories: 10, vectors: 5 })),
      aReembedding(next('ready')),
      aReembedding(next('switching')),
      { ...retired, models: [aModel({ state: 'retired' }), next('active', { recall: 1 })] },
    );
    const { code, stdout, stderr } = await soma('--model', 'next');
    expect(code).toBe(EXIT.OK);
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET']);
    expect(stdout).toContain('1.0000');
    expect(stderr).toContain('--rollback');
  });

  it('returns at once with --no-wait', async () => {
    states(aReembedding(next('building')));
    expect((await soma('--model', 'next', '--no-wait')).code).toBe(EXIT.OK);
    expect(server.requests).toHaveLength(1);
  });

  it('stops at a model that is ready and waits to be switched to', async () => {
    states(aReembedding(next('ready', { switch_when_ready: false })));
    expect((await soma('--model', 'next', '--no-switch')).stderr).toContain('--switch-now');
  });

  it('fails when the index finds too little', async () => {
    states(aReembedding(next('refused', { detail: 'recall@10 0.9 is below 0.98' })));
    const { code, stderr } = await soma('--model', 'next');
    expect(code).toBe(EXIT.INVALID);
    expect(stderr).toContain('recall@10 0.9');
    expect(stderr).toContain('--cancel');
  });

  it('takes one thing at a time', async () => {
    expect((await soma('--rollback', '--finish')).code).toBe(EXIT.USAGE);
    expect((await soma('--model', 'm', '--status')).code).toBe(EXIT.USAGE);
    expect(server.requests).toEqual([]);
  });
});
