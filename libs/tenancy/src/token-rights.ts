import { FULL_TRUST, SomaError } from '@soma/core';
import type { Principal, RequestRates, TenantPrincipal } from './principal.js';
import type { TokenScope } from './token-scope.js';

/** What a token may do, where, and for how long. */
export interface TokenRights {
  readonly scopes: readonly TokenScope[];
  /** Undefined: every namespace. */
  readonly namespaces: readonly string[] | undefined;
  /** Undefined: for ever. */
  readonly expiresAt: Date | undefined;
  readonly rates: RequestRates;
  /** Of what it writes, at most. Undefined: as its maker's. */
  readonly trust: number | undefined;
  /** Whether its writes are kept apart until somebody releases them. */
  readonly quarantine: boolean;
}

export interface GrantedRights extends TokenRights {
  readonly trust: number;
}

/**
 * The rights a new token gets: those asked for, and what was not said as its maker has it.
 * @throws SomaError TOKEN_RIGHTS_EXCEEDED for more than the maker's own.
 */
export function grantedRights(by: Principal, asked: TokenRights): GrantedRights {
  if (by.kind === 'operator') return { ...asked, trust: asked.trust ?? FULL_TRUST };
  const rights = {
    scopes: asked.scopes,
    namespaces: asked.namespaces ?? by.tenant.namespaces,
    expiresAt: asked.expiresAt ?? by.expiresAt,
    rates: {
      perSecond: asked.rates.perSecond ?? by.rates.token.perSecond,
      perDay: asked.rates.perDay ?? by.rates.token.perDay,
    },
    trust: asked.trust ?? by.tenant.writer.trust,
    quarantine: asked.quarantine || by.tenant.writer.quarantined,
  };
  assertWithin(by, rights);
  return rights;
}

/** @throws SomaError TOKEN_RIGHTS_EXCEEDED for rights that go beyond the caller's. */
export function assertWithin(by: Principal, rights: TokenRights): void {
  const excess = by.kind === 'operator' ? undefined : excessOf(by, rights);
  if (excess !== undefined) throw new SomaError('TOKEN_RIGHTS_EXCEEDED', excess);
}

/** Whether the caller may see that a token of these namespaces exists. */
export function maySee(by: Principal, namespaces: readonly string[] | undefined): boolean {
  if (by.kind === 'operator' || by.tenant.namespaces === undefined) return true;
  return namespaces !== undefined && namespaces.every((name) => by.tenant.covers(name));
}

function excessOf(by: TenantPrincipal, rights: TokenRights): string | undefined {
  const scopes = rights.scopes.filter((scope) => !by.scopes.has(scope));
  if (scopes.length > 0) {
    return `Your token has not the scopes ${scopes.join(', ')}; leave them out.`;
  }
  if (!maySee(by, rights.namespaces)) {
    return `Your token is kept to the namespaces ${JSON.stringify(by.tenant.namespaces)}; choose among them.`;
  }
  const { expiresAt } = by;
  if (expiresAt && (rights.expiresAt === undefined || rights.expiresAt > expiresAt)) {
    return `Your token expires at ${expiresAt.toISOString()}; no other may outlive it.`;
  }
  const { trust, quarantined } = by.tenant.writer;
  if ((rights.trust ?? FULL_TRUST) > trust || (quarantined && !rights.quarantine)) {
    return `Your token's writes are trusted ${trust} at most; no other token may be trusted more.`;
  }
  const own = by.rates.token;
  if (isAbove(rights.rates.perSecond, own.perSecond) || isAbove(rights.rates.perDay, own.perDay)) {
    return 'Your token has rate limits of its own; no other may have higher ones.';
  }
  return undefined;
}

/** 0 is no limit; null, the service's default, is not known here and counts as the highest. */
function isAbove(rate: number | null, most: number | null): boolean {
  if (most === null || most === 0) return false;
  return rate === null || rate === 0 || rate > most;
}
