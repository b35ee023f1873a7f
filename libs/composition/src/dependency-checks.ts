import type { AppConfig } from '@soma/config';
import { tenantId, TenantScope } from '@soma/core';
import type { Embedder } from '@soma/embedding';
import type { DependencyCheck } from '@soma/observability';
import type { Database } from '@soma/persistence';
import type { VectorIndex } from '@soma/vector-index';
import type { Redis } from 'ioredis';

interface Dependencies {
  readonly database: Database;
  readonly index: VectorIndex;
  readonly redis: Redis | undefined;
  readonly embedder: Embedder;
}

/** Nobody's tenant: the embedder is asked as one, so that the canary shares no cache entry. */
const NOBODY = TenantScope.of(tenantId('00000000-0000-0000-0000-000000000000'));

/** Another text each minute: a cached vector would answer for a provider that is away. */
const canary = (now: number): string => `canary ${Math.floor(now / 60_000)}`;

export function dependencyChecks(
  config: AppConfig,
  { database, index, redis, embedder }: Dependencies,
): DependencyCheck[] {
  const checks: DependencyCheck[] = [
    { name: 'store', essential: true, check: () => database.check() },
    { name: 'index', essential: false, check: () => index.check() },
    {
      name: 'embedder',
      essential: false,
      check: async () => void (await embedder.embed(NOBODY, [canary(Date.now())])),
    },
  ];
  if (config.redis && redis) {
    checks.push({ name: 'cache', essential: false, check: async () => void (await redis.ping()) });
  }
  return checks;
}
