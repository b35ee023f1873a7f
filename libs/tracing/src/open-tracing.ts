import type { TracesConfig } from '@soma/config';
import { NO_TRACING } from './no-tracing.js';
import type { Tracing, TracingOptions } from './tracing.js';

/** Follows requests if the configuration says whereto spans go. Only then is the SDK loaded. */
export async function openTracing(
  config: TracesConfig | undefined,
  options: TracingOptions,
): Promise<Tracing> {
  if (!config) return NO_TRACING;
  const { OtelTracing } = await import('./otel-tracing.js');
  return OtelTracing.open(config, options);
}
