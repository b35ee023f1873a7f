import type { TenantScope } from '@soma/core';
import type { HalfLives } from '@soma/hierarchy';
import type { DecayPolicy } from './decay-policy.schema.js';

/** What a service's settings say; a tenant's policy says otherwise where it does. */
export abstract class SalienceSettings {
  abstract readonly halfLives: HalfLives;
  /** Of feedback: how far a full reward goes, above 0 to 1. */
  abstract readonly learningRate: number;
}

export interface StoredPolicy {
  readonly policy: DecayPolicy;
  readonly updatedAt: Date;
  /** Undefined: only when asked. */
  readonly nextRunAt: Date | undefined;
}

/** Decay policies, one a tenant. */
export abstract class DecayPolicyStore {
  abstract find(scope: TenantScope): Promise<StoredPolicy | undefined>;
  abstract put(scope: TenantScope, stored: StoredPolicy): Promise<void>;
  /** @returns whether there was one. */
  abstract remove(scope: TenantScope): Promise<boolean>;
  /**
   * Takes up to `limit` tenants whose run is due; the next is due after the interval of their policy,
   * so that nobody else takes them.
   */
  abstract claimDue(now: Date, limit: number): Promise<TenantScope[]>;
}
