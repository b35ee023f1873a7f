import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '@soma/config';
import type { TracingOptions } from './tracing.js';

/** A receiver that is away loses spans; it never keeps a request, or a stop, waiting. */
const EXPORT_TIMEOUT_MS = 5_000;
const EXPORT_DELAY_MS = 1_000;

export function tracerProvider(
  { url, headers, sampler, ratio }: TracesConfig,
  { service, onLost }: TracingOptions,
): TracerProvider {
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    sampler: samplerOf(sampler, ratio),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: countingLosses(exporter, onLost),
        scheduledDelayMillis: EXPORT_DELAY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
}

/** What a process has begun it goes on with; they differ in what a caller may decide. */
function samplerOf(sampler: TracesConfig['sampler'], ratio: number): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  if (sampler === 'parentbased_traceidratio') return new ParentBasedSampler({ root });
  return new ParentBasedSampler({
    root,
    remoteParentSampled: root,
    remoteParentNotSampled: root,
  });
}

const countingLosses = (exporter: SpanExporter, onLost: (spans: number) => void): SpanExporter => ({
  export: (spans: ReadableSpan[], done) =>
    exporter.export(spans, (result) => {
      if (result.error) onLost(spans.length);
      done(result);
    }),
  forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  shutdown: () => exporter.shutdown(),
});
