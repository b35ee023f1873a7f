import type { AppConfig } from '@soma/config';
import type { Metrics } from '@soma/observability';
import { type Database, FOR_BACKGROUND, openDatabase } from '@soma/persistence';
import type { Tracing } from '@soma/tracing';

/** The database that the configuration names, with what is to be known of it counted and followed. */
export function openStore(
  config: AppConfig,
  metrics: Metrics,
  tracing: Tracing,
  inBackground: boolean,
): Promise<Database> {
  if (config.postgres) metrics.watchBreaker('postgresql');
  return openDatabase(config, {
    ...(inBackground && { patience: FOR_BACKGROUND }),
    onAway: (isAway) => metrics.breaker('postgresql', isAway),
    onFailure: (reason) => metrics.storeFailures.inc({ reason }),
    tracing,
  });
}
