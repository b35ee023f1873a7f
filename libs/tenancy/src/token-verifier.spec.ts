import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, tenantId, type TenantScope } from '@soma/core';
import { generateToken, hashToken, tokenIdOf } from './token-format.js';
import type { Token } from './tenancy.schema.js';
import { type StoredToken, TokenRepository } from './token-repository.js';
import { REFUSAL_CACHE_MS, TokenVerifier } from './token-verifier.js';

const TENANT = tenantId('019aa5a0-0000-7000-8000-000000000001');

const NO_RATES = { perSecond: null, perDay: null };

class FixedClock extends Clock {
  constructor(private readonly time: Date) {
    super();
  }
  now(): Date {
    return this.time;
  }
}

class InMemoryTokens extends TokenRepository {
  readonly rows = new Map<string, StoredToken>();
  lookups = 0;
  findById(id: string): Promise<StoredToken | undefined> {
    this.lookups += 1;
    return Promise.resolve(this.rows.get(id));
  }
  touch(): Promise<void> {
    return Promise.resolve();
  }
  create(): Promise<Token> {
    return Promise.reject(new Error('not used here'));
  }
  list(_scope: TenantScope): Promise<Token[]> {
    return Promise.resolve([]);
  }
  find(): Promise<Token | undefined> {
    return Promise.resolve(undefined);
  }
  rotate(): Promise<Token | undefined> {
    return Promise.reject(new Error('not used here'));
  }
  revoke(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

describe(TokenVerifier.name, () => {
  const now = new Date('2026-11-21T12:00:00Z');

  function given(changes: Partial<StoredToken> = {}) {
    const token = generateToken();
    const tokens = new InMemoryTokens();
    tokens.rows.set(token.id, {
      id: token.id,
      tenantId: TENANT,
      secretHash: token.hash,
      trust: 1,
      quarantine: false,
      previous: undefined,
      scopes: ['memories:read'],
      namespaces: undefined,
      expiresAt: undefined,
      revokedAt: undefined,
      rates: { token: NO_RATES, tenant: NO_RATES },
      suspended: false,
      ...changes,
    });
    const operator = { hash: hashToken('operator') };
    return { token, tokens, sut: new TokenVerifier(tokens, operator, new FixedClock(now)) };
  }

  it('knows the tenant and scopes of a token', async () => {
    const { token, sut } = given();
    const principal = await sut.verify(token.text);
    expect(principal).toMatchObject({ kind: 'tenant', tenant: { tenantId: TENANT } });
  });

  it('does not accept another secret under a known id', async () => {
    const { token, sut } = given();
    await sut.verify(token.text);
    const forged = `soma_${token.id}_${'0'.repeat(64)}`;
    expect(tokenIdOf(forged)).toBe(token.id);
    expect(await sut.verify(forged)).toBeUndefined();
  });

  it.each([
    ['expired', { expiresAt: now }],
    ['revoked', { revokedAt: new Date(0) }],
  ])('does not accept one that is %s', async (_state, changes) => {
    const { token, sut } = given(changes);
    expect(await sut.verify(token.text)).toBeUndefined();
  });

  it('P46 accepts the secret of before a rotation until its time is over, and no longer', async () => {
    const rotated = generateToken();
    const before = generateToken(rotated.id);
    const until = (ms: number) => ({
      id: rotated.id,
      secretHash: rotated.hash,
      previous: { hash: before.hash, until: new Date(now.getTime() + ms) },
    });
    for (const [ms, accepted] of [
      [1, true],
      [0, false],
      [-1, false],
    ] as const) {
      const { tokens, sut } = given();
      const [row] = tokens.rows.values();
      if (row) tokens.rows.set(rotated.id, { ...row, ...until(ms) });
      expect((await sut.verify(rotated.text))?.kind).toBe('tenant');
      expect((await sut.verify(before.text)) !== undefined).toBe(accepted);
    }
  });

  it('keeps a token to its namespaces', async () => {
    const { token, sut } = given({ namespaces: ['work'] });
    const principal = await sut.verify(token.text);
    const scope = principal?.kind === 'tenant' ? principal.tenant : undefined;
    expect([scope?.covers('work'), scope?.covers('private')]).toEqual([true, false]);
  });

  it('says that the tenant is suspended to who has a good token, and to nobody else', async () => {
    const { token, sut } = given({ suspended: true });
    await expect(sut.verify(token.text)).rejects.toMatchObject({ code: 'TENANT_SUSPENDED' });
    expect(await sut.verify(`soma_${token.id}_${'0'.repeat(64)}`)).toBeUndefined();
    const expired = given({ suspended: true, expiresAt: now });
    expect(await expired.sut.verify(expired.token.text)).toBeUndefined();
  });

  it.each(['', 'soma_', 'soma_x_y', 'Bearer', `soma_${'0'.repeat(16)}_${'0'.repeat(64)}`])(
    'does not accept %j',
    async (text) => expect(await given().sut.verify(text)).toBeUndefined(),
  );

  it('accepts the operator by the whole token only', async () => {
    const { sut } = given();
    expect(await sut.verify('operator')).toEqual({ kind: 'operator', tokenId: 'operator' });
    expect(await sut.verify('operato')).toBeUndefined();
  });

  it('asks the database once for a token in constant use', async () => {
    const { token, tokens, sut } = given();
    for (let call = 0; call < 10; call++) await sut.verify(token.text);
    expect(tokens.lookups).toBe(1);
  });

  it.each([
    ['revoked', { revokedAt: now }],
    ['expired', { expiresAt: now }],
  ])(
    'asks the database once for one that is %s and goes on being sent',
    async (_state, changes) => {
      const { token, tokens, sut } = given(changes);
      for (let call = 0; call < 10; call++) expect(await sut.verify(token.text)).toBeUndefined();
      expect(tokens.lookups).toBe(1);
    },
  );

  it('asks again for a refused one when the refusal has grown old', async () => {
    const { token, tokens, sut } = given();
    const [row] = tokens.rows.values();
    tokens.rows.clear();
    expect(await sut.verify(token.text)).toBeUndefined();
    if (row) tokens.rows.set(token.id, row);
    expect(await sut.verify(token.text)).toBeUndefined();
    await sleep(REFUSAL_CACHE_MS + 50);
    expect((await sut.verify(token.text))?.kind).toBe('tenant');
    expect(tokens.lookups).toBe(2);
  });

  it('accepts a token at once that was made after its id, or another of its secrets, was refused', async () => {
    const { token, tokens, sut } = given();
    const [row] = tokens.rows.values();
    tokens.rows.clear();
    expect(await sut.verify(`soma_${token.id}_${'0'.repeat(64)}`)).toBeUndefined();
    if (row) tokens.rows.set(token.id, row);
    expect((await sut.verify(token.text))?.kind).toBe('tenant');
  });

  it('accepts the new secret of a rotation that it had not read of', async () => {
    const { token, tokens, sut } = given();
    const rotated = generateToken(token.id);
    await sut.verify(token.text);
    expect(await sut.verify(rotated.text)).toBeUndefined();
    const [row] = tokens.rows.values();
    if (row) tokens.rows.set(token.id, { ...row, secretHash: rotated.hash });
    sut.forget(token.id);
    expect((await sut.verify(rotated.text))?.kind).toBe('tenant');
  });

  it('lets a refused token keep out no other', async () => {
    const { token, sut } = given();
    const stranger = generateToken();
    expect(await sut.verify(stranger.text)).toBeUndefined();
    expect((await sut.verify(token.text))?.kind).toBe('tenant');
  });

  it('asks the database once for a burst of one token', async () => {
    const { token, tokens, sut } = given();
    const burst = Array.from({ length: 100 }, () => sut.verify(token.text));
    expect((await Promise.all(burst)).every((found) => found?.kind === 'tenant')).toBe(true);
    expect(tokens.lookups).toBe(1);
  });
});
