import { AsyncLocalStorage } from 'node:async_hooks';

/** Who asks, for the audit: never what may be seen, which only a TenantScope says. */
export interface RequestOrigin {
  /** Id of the token, `operator`, or `system` for background work. */
  readonly actor: string;
  readonly requestId: string;
  /** Address the request came from; empty for background work. */
  readonly source: string;
}

const SYSTEM: RequestOrigin = { actor: 'system', requestId: '', source: '' };
const origins = new AsyncLocalStorage<RequestOrigin>();

export const withOrigin = <Result>(origin: RequestOrigin, work: () => Result): Result =>
  origins.run(origin, work);

/** Of the request under way; `system` outside of one. */
export const currentOrigin = (): RequestOrigin => origins.getStore() ?? SYSTEM;
