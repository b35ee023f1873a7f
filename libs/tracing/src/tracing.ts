/** What a span says: never a text of a client, a name that a client gave, or an id. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanDescription {
  /** Of few values in all, by OpenTelemetry's conventions: `embeddings tiny`, `POST /memories`. */
  readonly name: string;
  /** `client` asks another process, `consumer` works off what was queued. */
  readonly kind: 'server' | 'client' | 'consumer' | 'internal';
  readonly attributes?: SpanAttributes;
}

/** A span under way. */
export interface OpenSpan {
  set(attributes: SpanAttributes): void;
}

/** A request's span: begun and ended by events, not by a call that returns. */
export interface RequestSpan extends OpenSpan {
  /** Whatever `work` does, and sets going, belongs to the request. */
  enter<Result>(work: () => Result): Result;
  /** Of `name`, which is known once the route is; `failure` is a code of an error. */
  end(name: string, attributes: SpanAttributes, failure?: string): void;
}

/** Where a line of the log was written. */
export interface TracePlace {
  readonly trace_id: string;
  readonly span_id: string;
}

export interface TracingOptions {
  /** `service.name` of every span. */
  readonly service: string;
  /** Spans could not be sent: so many are lost. */
  readonly onLost: (spans: number) => void;
}

/** Follows what a request sets going, over its own process and those that work for it later. */
export abstract class Tracing {
  /** Whether anything is followed at all. */
  abstract readonly isOn: boolean;

  /** Begins a trace, or goes on with that of a W3C `traceparent`; one that is not well-formed is none. */
  abstract request(description: SpanDescription, traceparent: string | undefined): RequestSpan;

  /**
   * `work` as a span of the trace under way; without one, or after its end, `work` alone. What it throws marks the span by
   * its code or class.
   */
  abstract within<Result>(
    description: SpanDescription,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result>;

  /**
   * `work` as a span of each of the traces that queued it. What it sets going belongs to the first; the
   * spans of the others link to that one. Without any, `work` alone.
   */
  abstract following<Result>(
    description: SpanDescription,
    traceparents: readonly string[],
    work: () => Promise<Result>,
  ): Promise<Result>;

  /** W3C `traceparent` of the span under way, for what is done later; undefined if it is not sampled. */
  abstract traceparent(): string | undefined;

  /** The span under way, sampled or not. */
  abstract place(): TracePlace | undefined;

  /** Sends what is left, for at most some seconds. */
  abstract close(): Promise<void>;
}
