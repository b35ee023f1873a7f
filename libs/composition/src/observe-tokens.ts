import { type ModelUsage, type TenantId, TenantScope, watchModelUsage } from '@soma/core';
import type { Metrics } from '@soma/observability';
import type { DefaultQuotas, UsageRepository } from '@soma/tenancy';
import { LRUCache } from 'lru-cache';

const MODELS = ['embedding-provider', 'chat-model', 'predictor'] as const;
const DIRECTIONS = ['input', 'output'] as const;
const KNOWN_TENANTS = 10_000;
const KNOWN_FOR_MS = 60_000;
/** Of tenants whose class cannot be read now, or is no longer among the configured ones. */
const UNKNOWN_CLASS = 'unknown';

/**
 * Counts tokens of models by class of tenant, a class that was changed within a minute. @returns what ends that.
 */
export function observeTokens(
  { modelTokens }: Metrics,
  usage: Pick<UsageRepository, 'limits'>,
  { tenantClasses, effective }: DefaultQuotas,
): () => void {
  // Prometheus sees no rise in a series that begins with its first count.
  for (const tenant_class of tenantClasses) {
    for (const dependency of MODELS) {
      for (const direction of DIRECTIONS)
        modelTokens.inc({ dependency, direction, tenant_class }, 0);
    }
  }
  const classes = new LRUCache<TenantId, Promise<string>>({
    max: KNOWN_TENANTS,
    ttl: KNOWN_FOR_MS,
  });
  const read = async (id: TenantId): Promise<string> => {
    const { tenant_class: own } = await usage.limits(TenantScope.of(id));
    const name = own ?? effective.tenant_class;
    return tenantClasses.includes(name) ? name : UNKNOWN_CLASS;
  };
  const classOf = (id: TenantId): Promise<string> => {
    const known = classes.get(id);
    if (known) return known;
    const reading = read(id).catch(() => {
      classes.delete(id);
      return UNKNOWN_CLASS;
    });
    classes.set(id, reading);
    return reading;
  };
  const count = async (answer: ModelUsage): Promise<void> => {
    const { dependency, inputTokens, outputTokens, tenantId } = answer;
    const tenant_class = await classOf(tenantId);
    modelTokens.inc({ dependency, direction: 'input', tenant_class }, inputTokens);
    modelTokens.inc({ dependency, direction: 'output', tenant_class }, outputTokens);
  };
  return watchModelUsage((answer) => void count(answer));
}
