import { Injectable } from '@nestjs/common';
import { Clock, TenantScope } from '@soma/core';
import { LRUCache } from 'lru-cache';
import type { Principal, TenantPrincipal } from './principal.js';
import { hashesMatch, hashToken, tokenIdOf } from './token-format.js';
import { TokenRepository, type StoredToken } from './token-repository.js';

/** How long a revoked token may still be accepted by a process that has seen it. */
export const TOKEN_CACHE_MS = 5_000;
const TOKEN_CACHE_ENTRIES = 10_000;

/** SHA-256 of the operator's token; absent when there is no operator. */
export abstract class OperatorToken {
  abstract readonly hash: Uint8Array | undefined;
}

interface CachedToken {
  readonly secretHash: Uint8Array;
  readonly expiresAt: Date | undefined;
  readonly principal: TenantPrincipal;
}

@Injectable()
export class TokenVerifier {
  private readonly known = new LRUCache<string, CachedToken>({
    max: TOKEN_CACHE_ENTRIES,
    ttl: TOKEN_CACHE_MS,
  });

  constructor(
    private readonly tokens: TokenRepository,
    private readonly operator: OperatorToken,
    private readonly clock: Clock,
  ) {}

  /** Who holds this token; undefined for one that is unknown, wrong, expired or revoked. */
  async verify(text: string): Promise<Principal | undefined> {
    const hash = hashToken(text);
    if (this.operator.hash && hashesMatch(hash, this.operator.hash)) {
      return { kind: 'operator', tokenId: 'operator' };
    }
    const id = tokenIdOf(text);
    if (id === undefined) return undefined;
    const token = this.known.get(id) ?? (await this.load(id));
    if (!token || !hashesMatch(hash, token.secretHash)) return undefined;
    const expired = token.expiresAt !== undefined && token.expiresAt <= this.clock.now();
    return expired ? undefined : token.principal;
  }

  /** Has this process ask the database again; others follow within `TOKEN_CACHE_MS`. */
  forget(id: string): void {
    this.known.delete(id);
  }

  private async load(id: string): Promise<CachedToken | undefined> {
    const stored = await this.tokens.findById(id);
    if (!stored || stored.revokedAt) return undefined;
    const token = cachedToken(stored);
    this.known.set(id, token);
    await this.tokens.touch(token.principal.tenant, id, this.clock.now());
    return token;
  }
}

function cachedToken(stored: StoredToken): CachedToken {
  return {
    secretHash: stored.secretHash,
    expiresAt: stored.expiresAt,
    principal: {
      kind: 'tenant',
      tokenId: stored.id,
      tenant: TenantScope.of(stored.tenantId),
      scopes: new Set(stored.scopes),
    },
  };
}
