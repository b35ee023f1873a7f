import { Injectable } from '@nestjs/common';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import type { Principal } from './principal.js';
import type {
  EffectiveQuotas,
  Kept,
  Quotas,
  SetQuotas,
  Usage,
  UsageQuery,
  VerifiedQuotas,
  VerifyQuotas,
} from './quota.schema.js';
import { TenancyService } from './tenancy.service.js';
import { TenantRepository } from './tenant-repository.js';
import { TokenVerifier } from './token-verifier.js';
import { DefaultQuotas, UsageRepository } from './usage-repository.js';

const PAGE = 200;
const DAY_MS = 86_400_000;
const KEPT = ['memories', 'bytes', 'vectors', 'links'] as const;

/** How much a tenant may keep, ask and spend, and how much it does. */
@Injectable()
export class QuotaService {
  constructor(
    private readonly tenancy: TenancyService,
    private readonly tenants: TenantRepository,
    private readonly usage: UsageRepository,
    private readonly verifier: TokenVerifier,
    private readonly defaults: DefaultQuotas,
  ) {}

  async get(by: Principal, tenant: string): Promise<Quotas> {
    return this.quotasOf(await this.tenancy.administered(by, tenant));
  }

  /**
   * Replaces them all. What is kept already stays, also where it is more; it cannot grow.
   * @throws SomaError VALIDATION_FAILED for a class that is not among the configured ones.
   */
  async set(by: Principal, tenant: string, quotas: SetQuotas): Promise<Quotas> {
    this.assertKnownClass(quotas.tenant_class);
    const scope = await this.tenancy.administered(by, tenant);
    const { requests_per_second: perSecond, requests_per_day: perDay, ...limits } = quotas;
    await this.usage.setLimits(scope, limits);
    await this.tenants.setRates(scope.tenantId, { perSecond, perDay });
    this.verifier.forgetTenant(scope.tenantId);
    return this.quotasOf(scope);
  }

  /** @throws SomaError NAMESPACE_FORBIDDEN for a token kept to namespaces: these are the whole tenant's. */
  async used(by: Principal, tenant: string, { days }: UsageQuery): Promise<Usage> {
    if (by.kind === 'tenant') by.tenant.assertWholeTenant();
    const scope = await this.tenancy.administered(by, tenant);
    const from = dayOf(new Date(this.tenancy.now().getTime() - (days - 1) * DAY_MS));
    return {
      tenant_id: scope.tenantId,
      kept: await this.usage.kept(scope),
      quotas: (await this.quotasOf(scope)).effective,
      days: await this.usage.days(scope, from),
    };
  }

  /** Compares the counters with what is there. */
  async verify(by: Principal, { tenant, repair }: VerifyQuotas): Promise<VerifiedQuotas> {
    const verified: VerifiedQuotas = { tenants: 0, differing: [], repaired: 0 };
    const scopes =
      tenant === undefined ? this.everyTenant() : [await this.tenancy.administered(by, tenant)];
    for await (const scope of scopes) {
      verified.tenants += 1;
      const found = await this.usage.recount(scope, repair);
      if (isSame(found.counter, found.counted)) continue;
      verified.differing.push({ tenant_id: scope.tenantId, ...found });
      if (repair) verified.repaired += 1;
    }
    return verified;
  }

  private assertKnownClass(name: string | null): void {
    const { tenantClasses } = this.defaults;
    if (name === null || tenantClasses.includes(name)) return;
    throw new SomaError(
      'VALIDATION_FAILED',
      `"tenant_class" is one of ${tenantClasses.join(', ')} (SOMA_TENANT_CLASSES), or null.`,
    );
  }

  private async *everyTenant(): AsyncIterable<TenantScope> {
    let last: { value: string; id: string } | undefined;
    for (;;) {
      const page = await this.tenants.list(PAGE, last);
      for (const { id } of page) yield TenantScope.of(tenantId(id));
      const end = page.at(-1);
      if (!end || page.length < PAGE) return;
      last = { value: end.created_at, id: end.id };
    }
  }

  private async quotasOf(scope: TenantScope): Promise<Quotas> {
    const limits = await this.usage.limits(scope);
    const rates = await this.tenants.rates(scope.tenantId);
    const set = {
      ...limits,
      requests_per_second: rates.perSecond,
      requests_per_day: rates.perDay,
    };
    return { set, effective: effectiveOf(set, this.defaults.effective) };
  }
}

export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

const isSame = (left: Kept, right: Kept): boolean =>
  KEPT.every((name) => left[name] === right[name]);

function effectiveOf(set: SetQuotas, defaults: EffectiveQuotas): EffectiveQuotas {
  return {
    memories: set.memories ?? defaults.memories,
    bytes: set.bytes ?? defaults.bytes,
    vectors: set.vectors ?? defaults.vectors,
    links: set.links ?? defaults.links,
    embeddings_per_day: set.embeddings_per_day ?? defaults.embeddings_per_day,
    requests_per_second: set.requests_per_second ?? defaults.requests_per_second,
    requests_per_day: set.requests_per_day ?? defaults.requests_per_day,
    policy: set.policy ?? defaults.policy,
    tenant_class: set.tenant_class ?? defaults.tenant_class,
  };
}
