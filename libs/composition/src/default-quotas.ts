import type { QuotaConfig } from '@soma/config';
import type { DefaultQuotas } from '@soma/tenancy';

/** The quotas of tenants without their own, as the API shows them. */
export function defaultQuotas(quotas: QuotaConfig): DefaultQuotas {
  const { embeddingsPerDay, requestsPerSecond, requestsPerDay, tenantClasses, ...kept } = quotas;
  return {
    tenantClasses,
    effective: {
      ...kept,
      embeddings_per_day: embeddingsPerDay,
      requests_per_second: requestsPerSecond,
      requests_per_day: requestsPerDay,
      tenant_class: tenantClasses[0],
    },
  };
}
