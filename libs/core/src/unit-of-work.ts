import type { TenantScope } from './tenant-scope.js';

/** A client's promise that requests with this key are one request. */
export interface IdempotencyClaim {
  readonly key: string;
  /** Hash of method, path and body. */
  readonly requestHash: string;
}

/** One transaction of one tenant, which all repositories called inside take part in. */
export abstract class UnitOfWork {
  /**
   * Runs `work` and commits, or rolls all of it back. With a claim, the answer is kept for 24 hours
   * in the same transaction: the same request again gets that answer and `work` does not run.
   * `work` must give plain JSON.
   * @throws SomaError IDEMPOTENCY_KEY_REUSED for the same key with another request.
   */
  abstract run<Result>(
    scope: TenantScope,
    claim: IdempotencyClaim | undefined,
    work: () => Promise<Result>,
  ): Promise<Result>;
}
