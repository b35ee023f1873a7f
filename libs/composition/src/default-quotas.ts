import type { QuotaConfig } from '@soma/config';
import type { EffectiveQuotas } from '@soma/tenancy';

/** The quotas of tenants without their own, as the API shows them. */
export function effectiveQuotas(quotas: QuotaConfig): EffectiveQuotas {
  const { embeddingsPerDay, requestsPerSecond, requestsPerDay, ...kept } = quotas;
  return {
    ...kept,
    embeddings_per_day: embeddingsPerDay,
    requests_per_second: requestsPerSecond,
    requests_per_day: requestsPerDay,
  };
}
