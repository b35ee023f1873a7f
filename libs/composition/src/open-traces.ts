import type { AppConfig } from '@soma/config';
import type { Metrics } from '@soma/observability';
import { openTracing, type Tracing } from '@soma/tracing';

/** Follows requests where the configuration says so. */
export const openTraces = (
  { traces }: AppConfig,
  metrics: Metrics,
  inBackground: boolean,
): Promise<Tracing> =>
  openTracing(traces, {
    service: inBackground ? 'soma-worker' : 'soma-api',
    onLost: (spans) => metrics.spansLost.inc(spans),
  });
