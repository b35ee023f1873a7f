import { NoTracing, type OpenSpan, type SpanAttributes, type SpanDescription } from '@soma/tracing';

export interface RecordedSpan extends SpanDescription {
  readonly said: SpanAttributes[];
}

/** Keeps what spans would say. */
export class RecordedTracing extends NoTracing {
  readonly spans: RecordedSpan[] = [];

  override within<Result>(
    description: SpanDescription,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    const said: SpanAttributes[] = [];
    this.spans.push({ ...description, said });
    return work({ set: (attributes) => void said.push(attributes) });
  }
}
