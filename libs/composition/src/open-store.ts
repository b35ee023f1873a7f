import type { AppConfig } from '@soma/config';
import type { Metrics } from '@soma/observability';
import { type Database, FOR_BACKGROUND, FOR_REQUESTS, openDatabase } from '@soma/persistence';
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
    patience: inBackground ? FOR_BACKGROUND : FOR_REQUESTS,
    onAway: (isAway) => metrics.breaker('postgresql', isAway),
    onFailure: (reason) => metrics.storeFailures.inc({ reason }),
    tracing,
  });
}
