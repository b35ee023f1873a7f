import { Logger } from '@nestjs/common';
import { type Clock, SomaError, tenantId, TenantScope } from '@soma/core';
import { EnvironmentKeyWrapper } from './environment-key-wrapper.js';
import { KEY_CHECK_MS, KeyRing } from './key-ring.js';
import type { DataKeyName } from './key-wrapper.js';
import { InMemoryKeyStore } from '../testing/in-memory-key-store.fixture.js';

const MAX_AGE_MS = 60_000;
const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const other = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000002'));

/** A key-encryption key that can be away, and counts how often it is asked. */
class AwayableWrapper extends EnvironmentKeyWrapper {
  isAway = false;
  asked = 0;

  override async unwrap(of: TenantScope, name: DataKeyName, wrapped: string): Promise<Buffer> {
    this.asked += 1;
    if (this.isAway) throw new SomaError('ENCRYPTION_KEY_UNAVAILABLE', 'It is away.');
    return super.unwrap(of, name, wrapped);
  }
}

describe(KeyRing, () => {
  let now: number;
  let wrapper: AwayableWrapper;
  let store: InMemoryKeyStore;
  let sut: KeyRing;
  const clock: Clock = { now: () => new Date(now) };
  const later = (ms: number): void => {
    now += ms;
  };

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00Z');
    wrapper = new AwayableWrapper([{ id: 'one', key: Buffer.alloc(32, 1) }]);
    store = new InMemoryKeyStore();
    sut = new KeyRing(store, wrapper, { maxAgeMs: MAX_AGE_MS }, clock);
    for (const tenant of [scope, other]) await addKey(tenant, 1);
  });

  const addKey = async (of: TenantScope, version: number): Promise<void> => {
    const key = Buffer.alloc(32, of === scope ? version : 100 + version);
    store.add(of, { version, wrapped: await wrapper.wrap(of, { version }, key) });
  };
  const sealed = async (): Promise<Buffer> =>
    (await sut.keysOf(scope, [1])).seal(1, 'row', 'column', Buffer.from('secret'));

  it("P38 opens what its tenant sealed, and nothing of another's", async () => {
    const value = await sealed();
    const ours = await sut.keysOf(scope, [1]);
    const theirs = await sut.keysOf(other, [1]);
    expect(ours.open('row', 'column', value).toString()).toBe('secret');
    expect(() => theirs.open('row', 'column', value)).toThrow(
      expect.objectContaining({ code: 'DECRYPTION_FAILED' }),
    );
  });

  it('asks the key-encryption key once for many at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => sut.keysOf(scope, [1])));
    expect(wrapper.asked).toBe(1);
  });

  it('P38 uses a destroyed key for five seconds at most', async () => {
    await sealed();
    await store.destroyKeys(scope);
    later(KEY_CHECK_MS - 1);
    await expect(sealed()).resolves.toBeInstanceOf(Buffer);
    later(1);
    await expect(sealed()).rejects.toMatchObject({ code: 'ENCRYPTION_KEY_DESTROYED' });
    await expect(sut.keysOf(other, [1])).resolves.toBeDefined();
  });

  it('P38 goes on with the keys it has while the key-encryption key is away, for a bounded time', async () => {
    await sealed();
    wrapper.isAway = true;
    for (let age = 0; age < MAX_AGE_MS - 1_000; age += 1_000) {
      later(1_000);
      await sealed();
    }
    later(1_000);
    await expect(sealed()).rejects.toMatchObject({ code: 'ENCRYPTION_KEY_UNAVAILABLE' });
    wrapper.isAway = false;
    await expect(sealed()).resolves.toBeInstanceOf(Buffer);
  });

  it('unwraps anew beside the work before the time is over, so that nobody waits', async () => {
    await sealed();
    for (let age = 0; age < 10 * MAX_AGE_MS; age += MAX_AGE_MS / 4) {
      later(MAX_AGE_MS / 4);
      await sealed();
      await new Promise((resolve) => setImmediate(resolve));
    }
    wrapper.isAway = true;
    later(MAX_AGE_MS / 2);
    await expect(sealed()).resolves.toBeInstanceOf(Buffer);
  });

  it('reads a version that came after it last looked', async () => {
    await sealed();
    await addKey(scope, 2);
    const keys = await sut.keysOf(scope, [2]);
    expect([keys.has(1), keys.has(2)]).toEqual([true, true]);
    expect(wrapper.asked).toBe(2);
  });

  it('refuses a wrapped key of another tenant', async () => {
    const [foreign] = await store.keys(other);
    await store.destroyKeys(scope);
    store.add(scope, foreign ?? { version: 1, wrapped: '' });
    await expect(sut.keysOf(scope, [1])).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });
});
