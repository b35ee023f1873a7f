import { ContractServer } from '../../testing/contract-server.fixture.js';
import { aRollback } from '../../testing/resources.fixture.js';
import { runSoma } from '../../testing/run-soma.fixture.js';
import { EXIT } from '../exit-codes.js';

const anItem = (memory_id: string, given: object = {}) => ({
  memory_id,
  namespace: 'default',
  coordinate: '1',
  action: 'delete',
  version: null,
  reason: null,
  ...given,
});

describe('soma admin rollback', () => {
  let server: ContractServer;

  beforeAll(async () => {
    server = await ContractServer.start();
  });
  beforeEach(() => server.reset());
  afterAll(() => server.close());

  const soma = (...argv: string[]) => {
    const target = ['--tenant', 't', '--writer', 'k', '--since', '2026-11-21T12:00:00Z'];
    const to = ['--url', server.url, '--token', 'soma_a_b'];
    return runSoma(['admin', 'rollback', ...target, ...argv, ...to]);
  };
  const replies = (...bodies: object[]) =>
    server.answerWith(() => ({ body: bodies[server.requests.length - 1] ?? bodies.at(-1) }));

  it('goes on from page to page, then again from the start until all is done', async () => {
    replies(
      aRollback({
        dry_run: false,
        memories: [anItem('a')],
        links: 2,
        next_cursor: 'n',
        done: false,
      }),
      aRollback({
        dry_run: false,
        memories: [anItem('b', { action: 'keep', reason: 'changing' })],
        receipt_ids: ['r'],
        done: false,
      }),
      aRollback({ dry_run: false, memories: [anItem('b', { action: 'restore', version: 1 })] }),
    );
    const { code, stdout } = await soma('--json');
    expect(code).toBe(EXIT.OK);
    expect(server.requests.map(({ body }) => (body as { cursor?: string }).cursor)).toEqual([
      undefined,
      'n',
      undefined,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      memories: [{ memory_id: 'a' }, { memory_id: 'b', action: 'restore' }],
      links: 2,
      receipt_ids: ['r'],
      done: true,
    });
  });

  it('gives up, and says so, when nothing goes on', async () => {
    const busy = anItem('a', { action: 'keep', reason: 'changing' });
    replies(aRollback({ dry_run: false, memories: [busy], done: false }));
    const { code, stderr } = await soma();
    expect(code).toBe(EXIT.OK);
    expect(server.requests).toHaveLength(3);
    expect(stderr).toContain('run it again');
  });

  it('says what would be done in a dry run', async () => {
    replies(aRollback({ memories: [anItem('a')], links: 3 }));
    const { stdout, stderr } = await soma('--dry-run');
    expect(server.last.body).toMatchObject({ dry_run: true });
    expect(stdout).toContain('delete');
    expect(stderr).toContain('1 would be deleted');
    expect(stderr).toContain('3 links');
  });
});
