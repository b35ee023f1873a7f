import type { Principal, RequestRates } from '@soma/tenancy';
import { RATE_WINDOWS, type RateWindow } from './rate-limiter.js';

/** Limits of tokens and tenants that have none of their own; 0: none. */
export abstract class RateDefaults {
  abstract readonly token: { readonly perSecond: number; readonly perDay: number };
  abstract readonly tenant: { readonly perSecond: number; readonly perDay: number };
}

/** One limit of a caller. */
export interface Rate {
  readonly of: 'token' | 'tenant';
  readonly window: RateWindow;
  readonly limit: number;
  readonly key: string;
  /** As RateLimit-Policy writes it: requests, window in seconds, whose. */
  readonly policy: string;
}

const NO_RATES: RequestRates = { perSecond: null, perDay: null };

/** Every limit that applies, the caller's own first. */
export function ratesOf(user: Principal, defaults: RateDefaults): Rate[] {
  const tenant = user.kind === 'tenant' ? user.tenant.tenantId : user.kind;
  const own = user.kind === 'tenant' ? user.rates : { token: NO_RATES, tenant: NO_RATES };
  const token = limitsOf('token', `${tenant}:${user.tokenId}`, own.token, defaults.token);
  if (user.kind === 'operator') return token;
  return [...token, ...limitsOf('tenant', tenant, own.tenant, defaults.tenant)];
}

function limitsOf(
  of: Rate['of'],
  key: string,
  set: RequestRates,
  defaults: RateDefaults['token'],
): Rate[] {
  const rate = (window: RateWindow, limit: number): Rate => ({
    of,
    window,
    limit,
    key,
    policy: `${limit};w=${RATE_WINDOWS[window]};name="${of}"`,
  });
  return [
    rate('second', set.perSecond ?? defaults.perSecond),
    rate('day', set.perDay ?? defaults.perDay),
  ].filter(({ limit }) => limit > 0);
}
