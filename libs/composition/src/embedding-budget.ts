import type { AppConfig } from '@soma/config';
import { type Clock, SomaError, type TenantScope } from '@soma/core';
import type { EmbeddingMeter } from '@soma/embedding';
import { dayOf, type UsageMeter, type UsageRepository } from '@soma/tenancy';
import { isNobody } from './nobody.js';

/**
 * Counts what tenants have embedded. Of a provider, which costs, before it is asked and as far as the
 * tenant's budget of the day goes; of the hash afterwards, since it is cheaper than counting. What the
 * background embeds is counted too, once it is done: it leaves less of the day's budget to requests.
 */
export function embeddingBudget(
  { embedding, quotas }: AppConfig,
  usage: UsageRepository,
  meter: UsageMeter,
  clock: Clock,
): EmbeddingMeter {
  const add = (scope: TenantScope, calls: number, texts: number): void => {
    if (isNobody(scope)) return;
    meter.count(scope, 'embedding_calls', calls);
    meter.count(scope, 'embedded_texts', texts);
  };
  const record = (scope: TenantScope, texts: number): void => add(scope, 1, texts);
  const giveBack = (scope: TenantScope, texts: number): void => add(scope, -1, -texts);
  if (embedding.provider === 'hash') return { spend: record, giveBack, record };
  const spend = async (scope: TenantScope, texts: number): Promise<void> => {
    if (isNobody(scope)) return;
    const now = clock.now();
    const limit = await usage.spend(scope, dayOf(now), texts, quotas.embeddingsPerDay);
    if (limit === undefined) return;
    throw new SomaError(
      'RATE_LIMITED',
      `The tenant may have ${limit} texts embedded a day, and ${texts} more are above that. Wait ` +
        'for the next day (UTC), or ask the operator for a higher quota.',
      {
        retryAfterSeconds: Math.ceil(
          (new Date(now).setUTCHours(24, 0, 0, 0) - now.getTime()) / 1000,
        ),
      },
    );
  };
  return { spend, giveBack, record };
}
