import type { ApiClient, ApiReply } from '../api-client.js';
import { CliError } from '../cli-error.js';
import { jsonObject } from '../json-text.js';

/** What the API grants. */
export interface Lease {
  readonly name: string;
  readonly token: string;
  readonly owner: string | null;
  readonly fencing_token: number;
  readonly expires_at: string;
}

export interface LockState {
  readonly name: string;
  readonly held: boolean;
  readonly owner: string | null;
  readonly fencing_token: number;
  readonly expires_at: string | null;
}

export interface LeaseWish {
  readonly name: string;
  readonly ttlMs: number;
  readonly owner?: string;
  /** May be longer than the API waits: it is asked again. */
  readonly waitMs: number;
  readonly idempotencyKey?: string;
}

/** The longest wait that the API takes. */
const LONGEST_WAIT_MS = 10_000;

const pathOf = (name: string): string => `/locks/${encodeURIComponent(name)}`;

/** @throws CliError with the code LOCK_HELD when the wait is over. */
export async function acquireLock(api: ApiClient, wish: LeaseWish): Promise<ApiReply<Lease>> {
  const { name, owner, ttlMs, waitMs, idempotencyKey } = wish;
  const end = performance.now() + waitMs;
  for (;;) {
    const left = Math.max(0, Math.round(end - performance.now()));
    const wait = waitMs === 0 ? undefined : Math.min(left, LONGEST_WAIT_MS);
    const body = jsonObject({ name, ttl_ms: ttlMs, owner, wait_ms: wait });
    try {
      return await api.send<Lease>({ method: 'POST', path: '/locks', body, idempotencyKey });
    } catch (error) {
      if (left <= LONGEST_WAIT_MS || !hasCode(error, 'LOCK_HELD')) throw error;
    }
  }
}

export function renewLock(
  api: ApiClient,
  name: string,
  token: string,
  ttlMs: number,
): Promise<ApiReply<LockState>> {
  const body = jsonObject({ token, ttl_ms: ttlMs });
  return api.send({ method: 'POST', path: `${pathOf(name)}/renew`, body });
}

export function releaseLock(
  api: ApiClient,
  name: string,
  token: string,
): Promise<ApiReply<LockState>> {
  return api.send({ method: 'DELETE', path: pathOf(name), body: jsonObject({ token }) });
}

export function readLock(api: ApiClient, name: string): Promise<ApiReply<LockState>> {
  return api.send({ path: pathOf(name) });
}

export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof CliError && error.parts.code === code;
