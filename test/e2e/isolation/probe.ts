import { ERROR_TABLE, type ErrorCode } from '@soma/core';
import type { Names, Party } from './party.js';

export interface Attempt {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What both the attack and the same request for something that never was must be answered with. */
export interface Expected {
  readonly status: number;
  /** Matched by `toMatchObject`. */
  readonly body: object;
}

/** One way to ask a route for what belongs to the other tenant. */
export interface Probe {
  readonly name: string;
  readonly attempt: (names: Names, attacker: Party) => Attempt;
  readonly expected: Expected;
  /**
   * How alike the two answers must be: `all` of them but for the names sent, or, where they show
   * things of the attacker's own that the names may choose among, the `status`.
   */
  readonly compares: 'all' | 'status';
}

type AttemptOf = Probe['attempt'];

/** Refused, as if the thing named did not exist. */
export function refused(name: string, code: ErrorCode, attempt: AttemptOf): Probe {
  const { status } = ERROR_TABLE[code];
  return { name, attempt, expected: { status, body: { status, code } }, compares: 'all' };
}

/** Answered, with nothing found. */
export function nothing(name: string, body: object, attempt: AttemptOf, status = 200): Probe {
  return { name, attempt, expected: { status, body }, compares: 'all' };
}

/** Answered with what the attacker owns, whatever it named. */
export function ownOnly(name: string, attempt: AttemptOf, status = 200): Probe {
  return { name, attempt, expected: { status, body: {} }, compares: 'status' };
}

export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(query).toString()}`;
}

/** Headers by which proxies and other services name a tenant; here they must say nothing. */
export function impersonating({ tenantId, idempotencyKey }: Names): Record<string, string> {
  return {
    'x-tenant-id': tenantId,
    'x-tenant': tenantId,
    'x-soma-tenant': tenantId,
    'x-forwarded-user': tenantId,
    'x-namespace': tenantId,
    cookie: `tenant=${tenantId}; app.tenant=${tenantId}`,
    'x-correlation-id': idempotencyKey,
  };
}
