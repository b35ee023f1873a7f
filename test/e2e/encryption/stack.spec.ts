import { randomBytes } from 'node:crypto';
import { eventually } from '../eventually.js';
import { problem } from '../http.js';
import { startService } from '../service.js';
import { createOwnStack, type OwnStack } from '../stack.js';
import { wayTo } from '../../integration/silent-server.js';
import { startVaultStandIn } from '../../contract/vault-stand-in.js';
import { operatorOf } from './operator.js';
import { StoredRows } from './stored-rows.js';

const SECRET = 'canaryobsidiantern';
const isProduction = process.env['SOMA_TEST_STACK'] === 'production';

const memoriesOf = (word: string) =>
  Array.from({ length: 30 }, (_, n) => ({
    coord: String(n),
    content: `The ${word} of day ${n}.`,
    payload: { word },
    metadata: { word, role: 'user' },
  }));

describe('encryption on its stack', () => {
  let stack: OwnStack;

  /** Whoever shared its index would meet vectors that nobody else can open. */
  beforeAll(async () => {
    stack = await createOwnStack();
  });
  afterAll(() => stack.drop());

  it('P38 leaves no word of an encrypted tenant where a thief of the disk could look', async () => {
    const key = randomBytes(32).toString('base64');
    const service = await startService({ ...stack.settings, SOMA_ENCRYPTION_KEYS: `disk:${key}` });
    try {
      const rows = new StoredRows(service);
      const [ours, plain] = [await service.tenant(), await service.tenant()];
      await operatorOf(service).encrypt(ours.tenantId, 'all');
      await ours.storeAll(memoriesOf(SECRET));
      await plain.storeAll(memoriesOf('plainwordmarten'));
      for (const client of [ours, plain]) await client.settledStats();
      expect((await ours.search(SECRET)).memories.length).toBeGreaterThan(0);
      expect((await plain.search('plainwordmarten')).memories.length).toBeGreaterThan(0);
      if (isProduction) {
        const [sealed, open] = [
          await rows.inMilvus(ours.tenantId),
          await rows.inMilvus(plain.tenantId),
        ];
        expect([sealed.length, open.length]).toEqual([30, 30]);
        expect(open.filter((row) => row.includes('plainwordmarten'))).toHaveLength(30);
        expect(sealed.filter((row) => row.includes(SECRET))).toEqual([]);
      } else {
        expect(rows.inFiles('plainwordmarten')).toBeGreaterThan(0);
        expect(rows.inFiles(SECRET)).toBe(0);
        expect(rows.inFiles(key)).toBe(0);
      }
    } finally {
      await service.close();
    }
  });

  it('P38 works without Vault for a bounded time, and then says so within the budget', async () => {
    const vault = await startVaultStandIn();
    const way = await wayTo(new URL(vault.url).host);
    const service = await startService({
      ...stack.settings,
      SOMA_VAULT_URL: `http://${way.address}`,
      SOMA_VAULT_TOKEN: vault.token,
      SOMA_ENCRYPTION_CACHE_S: '10',
    });
    try {
      const operator = operatorOf(service);
      const [ours, plain] = [await service.tenant(), await service.tenant()];
      const { keys } = await operator.encrypt(ours.tenantId, 'all');
      expect(keys).toEqual([{ version: 1, wrapped_by: 'vault:transit/soma:v1' }]);
      for (const client of [ours, plain]) await client.store({ coord: '1', content: 'Kept.' });
      await vault.rotate();
      expect(await operator.rewrap(ours.tenantId)).toMatchObject({ keys: 1, rewrapped: 1 });
      expect((await operator.status(ours.tenantId)).keys).toEqual([
        { version: 1, wrapped_by: 'vault:transit/soma:v2' },
      ]);
      expect(await ours.read('1')).toMatchObject({ content: 'Kept.' });

      way.silence();
      const silent = performance.now();
      // A request counts from when it was sent: how long its answer takes is the machine's.
      let sentAfter = 0;
      expect(await ours.read('1')).toMatchObject({ content: 'Kept.' });
      await ours.store({ coord: '2', content: 'Also kept.' });
      let answer = await ours.get('/memories/1');
      let slowest = 0;
      while (answer.status === 200) {
        expect(sentAfter).toBeLessThan(12_000);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const start = performance.now();
        sentAfter = start - silent;
        answer = await ours.get('/memories/1');
        slowest = Math.max(slowest, performance.now() - start);
      }
      expect(answer).toMatchObject(problem('ENCRYPTION_KEY_UNAVAILABLE'));
      expect(answer.headers.get('retry-after')).toBe('5');
      for (const [method, path, body] of [
        ['POST', '/memories', { content: 'Not kept.' }],
        ['POST', '/memories/search', { query: 'Kept' }],
        ['GET', '/memories', undefined],
      ] as const) {
        const start = performance.now();
        const { token } = ours;
        expect(await service.request(method, path, { token, body })).toMatchObject(
          problem('ENCRYPTION_KEY_UNAVAILABLE'),
        );
        slowest = Math.max(slowest, performance.now() - start);
      }
      expect(slowest).toBeLessThan(5_000);
      expect(await plain.read('1')).toMatchObject({ content: 'Kept.' });

      await way.restore();
      await eventually(
        () => ours.get('/memories/2'),
        ({ status }) => status === 200,
      );
      expect(await ours.read('2')).toMatchObject({ content: 'Also kept.' });
      expect((await ours.list()).memories).toHaveLength(2);
    } finally {
      await service.close();
      await way.close();
      await vault.close();
    }
  });

  it('says that nothing can be encrypted without a key-encryption key', async () => {
    const service = await startService(stack.settings);
    try {
      const operator = operatorOf(service);
      const { tenantId } = await service.tenant();
      for (const [method, rest, body] of [
        ['PUT', '', { policy: 'all' }],
        ['POST', '/rotate', undefined],
      ] as const) {
        expect(await operator.send(method, operator.pathOf(tenantId, rest), body)).toMatchObject(
          problem('ENCRYPTION_NOT_CONFIGURED'),
        );
      }
      expect(await operator.encrypt(tenantId, 'off')).toMatchObject({ policy: 'off', keys: [] });
    } finally {
      await service.close();
    }
  });
});
