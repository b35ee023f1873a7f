import type { Embedder } from '@soma/embedding';
import type { KeyWrapper } from '@soma/encryption';
import type { DependencyCheck } from '@soma/observability';
import type { Database } from '@soma/persistence';
import type { RedisConnection } from '@soma/resilience';
import type { VectorIndex } from '@soma/vector-index';
import { NOBODY } from './nobody.js';

interface Dependencies {
  readonly database: Database;
  readonly index: VectorIndex;
  readonly redis: RedisConnection | undefined;
  readonly embedder: Embedder;
  /** Given when they are asked of a server. */
  readonly keys: KeyWrapper | undefined;
}

/** Another text each minute: a cached vector would answer for a provider that is away. */
export const canary = (now: number): string => `canary ${Math.floor(now / 60_000)}`;

export function dependencyChecks({
  database,
  index,
  redis,
  embedder,
  keys,
}: Dependencies): DependencyCheck[] {
  const checks: DependencyCheck[] = [
    { name: 'store', essential: true, check: () => database.check() },
    { name: 'index', essential: false, check: () => index.check() },
    {
      name: 'embedder',
      essential: false,
      check: async () => void (await embedder.embed(NOBODY, [canary(Date.now())])),
    },
  ];
  if (redis) checks.push({ name: 'cache', essential: false, check: () => redis.check() });
  if (keys) {
    checks.push({ name: 'keys', essential: false, check: async () => void (await keys.current()) });
  }
  return checks;
}
