import type { TenantScope } from '@soma/core';
import type { EffectiveQuotas, Kept, SetQuotas, UsageDay } from './quota.schema.js';

/** Limits on what a tenant keeps and spends; its rates are the TenantRepository's. */
export type KeptLimits = Omit<SetQuotas, 'requests_per_second' | 'requests_per_day'>;

/** What is counted by the day. */
export type DayCounts = Partial<Record<Exclude<keyof UsageDay, 'day'>, number>>;

/** The quotas of tenants that have none of their own; 0: no limit. */
export abstract class DefaultQuotas {
  abstract readonly effective: EffectiveQuotas;
  /** What tenants may be classed as; the first is that of those without a class of their own. */
  abstract readonly tenantClasses: readonly string[];
}

export abstract class UsageRepository {
  abstract kept(scope: TenantScope): Promise<Kept>;
  abstract limits(scope: TenantScope): Promise<KeptLimits>;
  abstract setLimits(scope: TenantScope, limits: KeptLimits): Promise<void>;
  /** Latest first, from `from` (a date) on. */
  abstract days(scope: TenantScope, from: string): Promise<UsageDay[]>;
  /** Adds to the counts of a day. */
  abstract add(scope: TenantScope, day: string, counts: DayCounts): Promise<void>;
  /**
   * Counts texts to be embedded on a day, unless the tenant's limit (else `most`; 0: none) does not
   * allow them. @returns the limit that does not; undefined when they were counted.
   */
  abstract spend(
    scope: TenantScope,
    day: string,
    texts: number,
    most: number,
  ): Promise<number | undefined>;
  /**
   * Counts what is there, and says what the counters say at the same moment; with `repair`, sets
   * them to it while nobody writes.
   */
  abstract recount(scope: TenantScope, repair: boolean): Promise<{ counter: Kept; counted: Kept }>;
}
