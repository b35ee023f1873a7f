import type { TenantScope } from '@soma/core';

/** A lock at one moment of the database's clock. */
export interface LockSnapshot {
  readonly held: boolean;
  /** Of the last lease that was granted. */
  readonly fencingToken: number;
  /** Null when the lock is free, or its holder gave no name. */
  readonly owner: string | null;
  /** Null when the lock is free. */
  readonly expiresAt: Date | null;
  /** Until it expires; 0 when it is free. */
  readonly remainingMs: number;
}

export interface LeaseRequest {
  readonly leaseHash: string;
  readonly owner: string | null;
  readonly ttlMs: number;
}

/**
 * Whether a lease has run out is decided by one clock for all processes, the store's, at the moment
 * in which the lock's row is written.
 */
export abstract class LockRepository {
  /**
   * Grants a free lock under the next fencing token of its name.
   * @returns the lease, or undefined while another lease holds the lock.
   */
  abstract acquire(
    scope: TenantScope,
    name: string,
    request: LeaseRequest,
  ): Promise<LockSnapshot | undefined>;
  /**
   * Lets a lease that still holds the lock run for this long from now.
   * @returns undefined when it does not hold it.
   */
  abstract renew(
    scope: TenantScope,
    name: string,
    leaseHash: string,
    ttlMs: number,
  ): Promise<LockSnapshot | undefined>;
  /** @returns the free lock; undefined when the lease does not hold it. */
  abstract release(
    scope: TenantScope,
    name: string,
    leaseHash: string,
  ): Promise<LockSnapshot | undefined>;
  /** @returns undefined for a name under which no lease was ever granted. */
  abstract read(scope: TenantScope, name: string): Promise<LockSnapshot | undefined>;
}
