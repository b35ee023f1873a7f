import { type OpenSpan, type RequestSpan, type SpanDescription, Tracing } from './tracing.js';

const NO_SPAN: OpenSpan = { set: () => {} };
const NO_REQUEST: RequestSpan = { ...NO_SPAN, enter: (work) => work(), end: () => {} };

/** Follows nothing. */
export class NoTracing extends Tracing {
  readonly isOn = false;

  request(): RequestSpan {
    return NO_REQUEST;
  }

  within<Result>(
    _description: SpanDescription,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    return work(NO_SPAN);
  }

  following<Result>(
    _description: SpanDescription,
    _traceparents: readonly string[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    return work();
  }

  traceparent(): undefined {
    return undefined;
  }

  place(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export const NO_TRACING: Tracing = new NoTracing();
