import { Clock, tenantId, type TenantScope } from '@soma/core';
import { generateToken, hashToken, tokenIdOf } from './token-format.js';
import type { Token } from './tenancy.schema.js';
import { type StoredToken, TokenRepository } from './token-repository.js';
import { TokenVerifier } from './token-verifier.js';

const TENANT = tenantId('019aa5a0-0000-7000-8000-000000000001');

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
      scopes: ['memories:read'],
      expiresAt: undefined,
      revokedAt: undefined,
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
});
