import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '@soma/config';
import { failureOf } from './failure-of.js';
import { tracerProvider } from './tracer-provider.js';
import { parseTraceparent, traceparentOf } from './traceparent.js';
import {
  type OpenSpan,
  type RequestSpan,
  type SpanAttributes,
  type SpanDescription,
  type TracePlace,
  Tracing,
  type TracingOptions,
} from './tracing.js';

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/** More traces than this that meet in one batch are linked to no further. */
const MOST_FOLLOWED = 100;

interface Beginning {
  readonly parent?: Context;
  readonly links?: Link[];
  readonly startTime?: TimeInput;
}

/** By OpenTelemetry's SDK; the span under way is kept here, and nothing is registered globally. */
export class OtelTracing extends Tracing {
  readonly isOn = true;
  private readonly current = new AsyncLocalStorage<Context | undefined>();
  private readonly tracer: Tracer;

  constructor(private readonly provider: TracerProvider) {
    super();
    this.tracer = provider.getTracer('soma');
  }

  static open(config: TracesConfig, options: TracingOptions): OtelTracing {
    return new OtelTracing(tracerProvider(config, options));
  }

  request(description: SpanDescription, traceparent: string | undefined): RequestSpan {
    const caller = parseTraceparent(traceparent);
    const parent = caller && contextOf({ ...caller, isRemote: true });
    const span = this.begin(description, { parent });
    const context = trace.setSpan(ROOT_CONTEXT, span);
    return {
      ...openSpan(span),
      enter: (work) => this.current.run(context, work),
      end: (name, attributes, failure) => {
        span.updateName(name).setAttributes(attributes);
        if (failure !== undefined) markFailed(span, failure);
        span.end();
      },
    };
  }

  within<Result>(
    description: SpanDescription,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    const parent = this.underWay();
    if (!parent) return work({ set: () => {} });
    return this.run(this.begin(description, { parent }), work);
  }

  async following<Result>(
    description: SpanDescription,
    traceparents: readonly string[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    const [first, ...others] = distinctTraces(traceparents);
    if (!first) return this.current.run(undefined, work);
    const startTime = Date.now();
    const links = others.map((context) => ({ context }));
    const span = this.begin(description, { parent: contextOf(first), links, startTime });
    const alike: Beginning = { startTime, links: [{ context: span.spanContext() }] };
    let failure: string | undefined;
    try {
      return await this.run(span, work);
    } catch (error) {
      failure = failureOf(error);
      throw error;
    } finally {
      for (const other of others) {
        const theirs = this.begin(description, { ...alike, parent: contextOf(other) });
        if (failure !== undefined) markFailed(theirs, failure);
        theirs.end();
      }
    }
  }

  traceparent(): string | undefined {
    const context = this.underWay();
    const span = context && trace.getSpanContext(context);
    return span && traceparentOf(span);
  }

  place(): TracePlace | undefined {
    const here = this.current.getStore();
    const context = here && trace.getSpanContext(here);
    return context && { trace_id: context.traceId, span_id: context.spanId };
  }

  /** What nobody takes is lost, and counted as that: a stop does not fail for it. */
  async close(): Promise<void> {
    await this.provider.shutdown().catch(() => undefined);
  }

  /** A timer or a probe that a request has started goes on after it: then it is nobody's. */
  private underWay(): Context | undefined {
    const context = this.current.getStore();
    return context && trace.getSpan(context)?.isRecording() ? context : undefined;
  }

  private begin(
    { name, kind, attributes }: SpanDescription,
    { parent = ROOT_CONTEXT, links, startTime }: Beginning,
  ): Span {
    return this.tracer.startSpan(
      name,
      { kind: KINDS[kind], attributes: { ...attributes }, links, startTime },
      parent,
    );
  }

  private async run<Result>(
    span: Span,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    try {
      const context = trace.setSpan(ROOT_CONTEXT, span);
      return await this.current.run(context, () => work(openSpan(span)));
    } catch (error) {
      markFailed(span, failureOf(error));
      throw error;
    } finally {
      span.end();
    }
  }
}

const contextOf = (context: SpanContext): Context => trace.setSpanContext(ROOT_CONTEXT, context);

const openSpan = (span: Span): OpenSpan => ({
  set: (attributes: SpanAttributes) => void span.setAttributes(attributes),
});

/** A status has room for a message, which could hold anything: only the code is said. */
function markFailed(span: Span, failure: string): void {
  span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
}

/** The first of each trace. */
function distinctTraces(traceparents: readonly string[]): SpanContext[] {
  const found = new Map<string, SpanContext>();
  for (const text of traceparents) {
    const context = parseTraceparent(text);
    if (context && !found.has(context.traceId)) found.set(context.traceId, context);
    if (found.size === MOST_FOLLOWED) break;
  }
  return [...found.values()];
}
