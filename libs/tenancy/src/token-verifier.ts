import { Injectable } from '@nestjs/common';
import { Clock, noteLookup, SomaError, type TenantId, TenantScope } from '@soma/core';
import { LRUCache } from 'lru-cache';
import type { Principal, TenantPrincipal } from './principal.js';
import { hashesMatch, hashToken, tokenIdOf } from './token-format.js';
import { type PreviousSecret, TokenRepository, type StoredToken } from './token-repository.js';

/**
 * How long a process that has seen a token may know nothing of its revocation, or its tenant's
 * suspension: five seconds, less what reading it may take.
 */
export const TOKEN_CACHE_MS = 4_500;
const TOKEN_CACHE_ENTRIES = 10_000;

/** How long a token that is unknown or revoked is refused without asking the database again. */
export const REFUSAL_CACHE_MS = 2_000;

/** SHA-256 of the operator's token; absent when there is no operator. */
export abstract class OperatorToken {
  abstract readonly hash: Uint8Array | undefined;

  static of(token: string | undefined): OperatorToken {
    return { hash: token === undefined ? undefined : hashToken(token) };
  }
}

interface CachedToken {
  readonly secretHash: Uint8Array;
  readonly previous: PreviousSecret | undefined;
  readonly suspended: boolean;
  readonly principal: TenantPrincipal;
}

@Injectable()
export class TokenVerifier {
  private readonly known = new LRUCache<string, CachedToken>({
    max: TOKEN_CACHE_ENTRIES,
    ttl: TOKEN_CACHE_MS,
  });

  /**
   * By the hash of the whole text, which nobody can have sent before the token was made: a refusal of
   * an id would keep out whoever gets that id next, and one of a wrong secret would outlive a rotation.
   */
  private readonly refused = new LRUCache<string, true>({
    max: TOKEN_CACHE_ENTRIES,
    ttl: REFUSAL_CACHE_MS,
  });

  private readonly loading = new Map<string, Promise<CachedToken | undefined>>();

  constructor(
    private readonly tokens: TokenRepository,
    private readonly operator: OperatorToken,
    private readonly clock: Clock,
  ) {}

  /**
   * Who holds this token; undefined for one that is unknown, wrong, expired or revoked.
   * @throws SomaError TENANT_SUSPENDED for a good token of a suspended tenant.
   */
  async verify(text: string): Promise<Principal | undefined> {
    const hash = hashToken(text);
    if (this.operator.hash && hashesMatch(hash, this.operator.hash)) {
      return { kind: 'operator', tokenId: 'operator' };
    }
    const id = tokenIdOf(text);
    if (id === undefined) return undefined;
    const now = this.clock.now();
    const known = this.known.get(id);
    noteLookup('tokens', known ? 1 : 0, known ? 0 : 1);
    // Not read again for a wrong secret: how long that takes would tell that the id is known.
    const token = known ?? (await this.loadUnlessRefused(id, hash));
    if (!token || !isSecretOf(token, hash, now)) return undefined;
    const { expiresAt } = token.principal;
    if (expiresAt !== undefined && expiresAt <= now) return undefined;
    if (!token.suspended) return token.principal;
    throw new SomaError(
      'TENANT_SUSPENDED',
      'This tenant is suspended; nothing of it is lost. Ask the operator of the service to resume it.',
    );
  }

  /** Has this process ask the database again; others follow within `TOKEN_CACHE_MS`. */
  forget(id: string): void {
    this.known.delete(id);
  }

  /** `forget` for every token of a tenant. */
  forgetTenant(tenant: TenantId): void {
    for (const [id, { principal }] of this.known.entries()) {
      if (principal.tenant.tenantId === tenant) this.known.delete(id);
    }
  }

  private async loadUnlessRefused(id: string, hash: Uint8Array): Promise<CachedToken | undefined> {
    const digest = Buffer.from(hash).toString('base64');
    if (this.refused.has(digest)) return undefined;
    const token = await this.load(id);
    if (!token) this.refused.set(digest, true);
    return token;
  }

  /** Who asks for a token that is being read waits for that answer: a burst is one question. */
  private load(id: string): Promise<CachedToken | undefined> {
    const underWay = this.loading.get(id);
    if (underWay) return underWay;
    const loading = this.read(id).finally(() => this.loading.delete(id));
    this.loading.set(id, loading);
    return loading;
  }

  private async read(id: string): Promise<CachedToken | undefined> {
    const stored = await this.tokens.findById(id);
    if (!stored || stored.revokedAt) {
      this.known.delete(id);
      return undefined;
    }
    const token = cachedToken(stored);
    this.known.set(id, token);
    await this.tokens.touch(token.principal.tenant, id, this.clock.now());
    return token;
  }
}

function cachedToken(stored: StoredToken): CachedToken {
  return {
    secretHash: stored.secretHash,
    previous: stored.previous,
    suspended: stored.suspended,
    principal: {
      kind: 'tenant',
      tokenId: stored.id,
      tenant: TenantScope.of(stored.tenantId, stored.namespaces, {
        tokenId: stored.id,
        trust: stored.trust,
        quarantined: stored.quarantine,
      }),
      scopes: new Set(stored.scopes),
      rates: stored.rates,
      expiresAt: stored.expiresAt,
    },
  };
}

/** Compares with both secrets, whatever the first comparison says. */
function isSecretOf({ secretHash, previous }: CachedToken, hash: Uint8Array, now: Date): boolean {
  const isCurrent = hashesMatch(hash, secretHash);
  const isPrevious = previous !== undefined && hashesMatch(hash, previous.hash);
  return isCurrent || (isPrevious && previous.until > now);
}
