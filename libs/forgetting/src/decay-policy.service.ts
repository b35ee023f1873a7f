import { Injectable } from '@nestjs/common';
import { Clock, SomaError, type TenantScope } from '@soma/core';
import { type HalfLives, overlaidHalfLives } from '@soma/hierarchy';
import { DecayPolicyStore, SalienceSettings } from './decay-policy-store.js';
import type { DecayPolicy, DecayPolicyAnswer } from './decay-policy.schema.js';

const HOUR_MS = 3_600_000;

/** How a tenant's memories fade, and what decays when. */
@Injectable()
export class DecayPolicyService {
  constructor(
    private readonly store: DecayPolicyStore,
    private readonly settings: SalienceSettings,
    private readonly clock: Clock,
  ) {}

  now(): Date {
    return this.clock.now();
  }

  async get(scope: TenantScope): Promise<DecayPolicyAnswer> {
    const stored = await this.store.find(scope);
    const { days, tierGrowth } = this.halfLivesOf(stored?.policy);
    return {
      policy: stored?.policy ?? null,
      updated_at: stored?.updatedAt.toISOString() ?? null,
      next_run_at: stored?.nextRunAt?.toISOString() ?? null,
      half_lives: { days, tier_growth: tierGrowth },
    };
  }

  /** Replaces it. A scheduled policy runs first when its interval has passed once. */
  async set(scope: TenantScope, policy: DecayPolicy): Promise<DecayPolicyAnswer> {
    const updatedAt = this.clock.now();
    const { every_hours: hours } = policy;
    const nextRunAt = hours === null ? undefined : new Date(updatedAt.getTime() + hours * HOUR_MS);
    await this.store.put(scope, { policy, updatedAt, nextRunAt });
    return this.get(scope);
  }

  /** From then on nothing decays; what is archived stays until its time is over. */
  async remove(scope: TenantScope): Promise<void> {
    await this.store.remove(scope);
  }

  /** @throws SomaError DECAY_POLICY_MISSING */
  async needed(scope: TenantScope): Promise<DecayPolicy> {
    const stored = await this.store.find(scope);
    if (stored) return stored.policy;
    throw new SomaError(
      'DECAY_POLICY_MISSING',
      'This tenant has no decay policy, so nothing decays. Set one with ' +
        'PUT /admin/tenants/{tenant}/decay-policy, or send one with dry_run.',
    );
  }

  async halfLives(scope: TenantScope): Promise<HalfLives> {
    return this.halfLivesOf((await this.store.find(scope))?.policy);
  }

  halfLivesOf(policy: DecayPolicy | undefined): HalfLives {
    return overlaidHalfLives(this.settings.halfLives, {
      days: policy?.half_life_days,
      tierGrowth: policy?.tier_growth,
    });
  }
}
