import { randomBytes } from 'node:crypto';
import { tenantId, TenantScope } from '@soma/core';
import { EitherKeyWrapper, EnvironmentKeyWrapper, VaultKeyWrapper } from '@soma/encryption';
import { wayTo } from '../integration/silent-server.js';
import { keyWrapperContract } from './key-wrapper.contract.js';
import { openVault } from './vault-server.js';
import type { VaultServer } from './vault-stand-in.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const UNAVAILABLE = { code: 'ENCRYPTION_KEY_UNAVAILABLE', status: 503 };

describe(EnvironmentKeyWrapper, () => {
  const keys = [{ id: 'first', key: randomBytes(32) }];

  keyWrapperContract({
    open: () => Promise.resolve(new EnvironmentKeyWrapper(keys)),
    rotate: () => {
      keys.unshift({ id: `key-${keys.length}`, key: randomBytes(32) });
      return Promise.resolve();
    },
  });

  it('says which key is missing in this process', async () => {
    const wrapped = await new EnvironmentKeyWrapper(keys).wrap(
      scope,
      { version: 1 },
      randomBytes(32),
    );
    const other = new EnvironmentKeyWrapper([{ id: 'other', key: randomBytes(32) }]);
    await expect(other.unwrap(scope, { version: 1 }, wrapped)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining(`"${keys[0]?.id}"`) as string,
    });
    expect(await new EnvironmentKeyWrapper([]).current()).toBeUndefined();
  });
});

describe(VaultKeyWrapper, () => {
  let server: VaultServer;
  const optionsOf = (url: string, timeoutMs = 2_000) => ({
    url,
    token: server.token,
    mount: 'transit',
    key: 'soma',
    timeoutMs,
  });

  beforeAll(async () => {
    server = await openVault();
  });
  afterAll(() => server.close());

  keyWrapperContract({
    open: () => Promise.resolve(new VaultKeyWrapper(optionsOf(server.url))),
    rotate: () => server.rotate(),
  });

  it('P38 waits for a silent Vault no longer than its deadline, and then for a while not at all', async () => {
    const way = await wayTo(new URL(server.url).host);
    try {
      const sut = new VaultKeyWrapper(optionsOf(`http://${way.address}`, 200));
      const wrapped = await sut.wrap(scope, { version: 1 }, randomBytes(32));
      way.silence();
      const took: number[] = [];
      for (let call = 0; call < 5; call += 1) {
        const start = performance.now();
        await expect(sut.unwrap(scope, { version: 1 }, wrapped)).rejects.toMatchObject({
          ...UNAVAILABLE,
          retryAfterSeconds: 5,
        });
        took.push(performance.now() - start);
      }
      expect(Math.max(...took.slice(0, 3))).toBeLessThan(1_000);
      expect(Math.max(...took.slice(3))).toBeLessThan(50);
      await way.restore();
      await new Promise((resolve) => setTimeout(resolve, 2_100));
      expect(await sut.unwrap(scope, { version: 1 }, wrapped)).toHaveLength(32);
    } finally {
      await way.close();
    }
  });

  it.each([
    ['a token it does not know', { token: 'hvs.0000000000000000' }],
    ['a key that is not there', { key: 'nobody' }],
    ['a mount that is not there', { mount: 'nowhere' }],
  ])('is unavailable with %s', async (_case, wrong) => {
    const sut = new VaultKeyWrapper({ ...optionsOf(server.url), ...wrong });
    await expect(sut.current()).rejects.toMatchObject(UNAVAILABLE);
  });
});

describe(EitherKeyWrapper, () => {
  it('P38 reads what the environment wrapped, and moves it to Vault', async () => {
    const server = await openVault();
    try {
      const environment = new EnvironmentKeyWrapper([{ id: 'old', key: randomBytes(32) }]);
      const { url, token } = server;
      const vault = new VaultKeyWrapper({
        url,
        token,
        mount: 'transit',
        key: 'soma',
        timeoutMs: 2_000,
      });
      const sut = new EitherKeyWrapper(vault, environment);
      const key = randomBytes(32);
      const wrapped = await environment.wrap(scope, { version: 1 }, key);
      expect(await sut.unwrap(scope, { version: 1 }, wrapped)).toEqual(key);
      const moved = await sut.rewrap(scope, { version: 1 }, wrapped);
      expect(sut.nameOf(moved)).toBe(await vault.current());
      expect(await vault.unwrap(scope, { version: 1 }, moved)).toEqual(key);
    } finally {
      await server.close();
    }
  });
});
