import { randomBytes } from 'node:crypto';
import { tenantId, TenantScope } from '@soma/core';
import type { KeyWrapper } from '@soma/encryption';

export interface KeyWrapperUnderTest {
  /** Wraps with the newest key-encryption key there is when it is called. */
  open(): Promise<KeyWrapper>;
  /** A new key-encryption key, or a new version of it; the older ones still unwrap. */
  rotate(): Promise<void>;
}

const ours = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const theirs = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000002'));
const FAILED = { code: 'DECRYPTION_FAILED', status: 500 };

/** What each adapter of the key-encryption key promises. */
export function keyWrapperContract({ open, rotate }: KeyWrapperUnderTest): void {
  const key = randomBytes(32);

  it('P38 gives back the data key it wrapped, and shows it in nothing it gives', async () => {
    const sut = await open();
    const wrapped = await sut.wrap(ours, { version: 1 }, key);
    expect(await sut.unwrap(ours, { version: 1 }, wrapped)).toEqual(key);
    for (const encoding of ['base64', 'hex', 'latin1'] as const) {
      expect(wrapped).not.toContain(key.toString(encoding));
    }
    expect(sut.nameOf(wrapped)).toBe(await sut.current());
  });

  it('P38 wraps one key in two ways each time', async () => {
    const sut = await open();
    const wrapped = [1, 2].map(() => sut.wrap(ours, { version: 1 }, key));
    expect(new Set(await Promise.all(wrapped)).size).toBe(2);
  });

  it("P38 unwraps no key of another tenant's, nor of another version", async () => {
    const sut = await open();
    const wrapped = await sut.wrap(ours, { version: 1 }, key);
    await expect(sut.unwrap(theirs, { version: 1 }, wrapped)).rejects.toMatchObject(FAILED);
    await expect(sut.unwrap(ours, { version: 2 }, wrapped)).rejects.toMatchObject(FAILED);
  });

  it('P38 unwraps nothing that was changed', async () => {
    const sut = await open();
    const wrapped = await sut.wrap(ours, { version: 1 }, key);
    const [head, text] = [wrapped.slice(0, -44), wrapped.slice(-44)];
    for (let at = 0; at < 40; at += 7) {
      const other = text[at] === 'A' ? 'B' : 'A';
      const changed = head + text.slice(0, at) + other + text.slice(at + 1);
      await expect(sut.unwrap(ours, { version: 1 }, changed)).rejects.toMatchObject(FAILED);
    }
  });

  it('P38 wraps anew with a new key-encryption key, and still unwraps what the old one wrapped', async () => {
    const before = await open();
    const wrapped = await before.wrap(ours, { version: 1 }, key);
    expect(await before.rewrap(ours, { version: 1 }, wrapped)).toBe(wrapped);
    await rotate();
    const after = await open();
    expect(after.nameOf(wrapped)).not.toBe(await after.current());
    expect(await after.unwrap(ours, { version: 1 }, wrapped)).toEqual(key);
    const anew = await after.rewrap(ours, { version: 1 }, wrapped);
    expect(after.nameOf(anew)).toBe(await after.current());
    expect(await after.unwrap(ours, { version: 1 }, anew)).toEqual(key);
    await expect(after.unwrap(theirs, { version: 1 }, anew)).rejects.toMatchObject(FAILED);
  });
}
