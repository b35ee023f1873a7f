import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { OtelTracing } from './otel-tracing.js';
import type { SpanDescription } from './tracing.js';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const parentOf = (traceId: string, span = '1'): string => `00-${traceId}-${span.repeat(16)}-01`;
const WORK: SpanDescription = { name: 'work', kind: 'consumer' };
const CALL: SpanDescription = { name: 'call', kind: 'client' };

describe(OtelTracing, () => {
  let exporter: InMemorySpanExporter;
  let sut: OtelTracing;

  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    sut = new OtelTracing(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
    );
  });
  afterEach(() => sut.close());

  const finished = (): ReadableSpan[] => exporter.getFinishedSpans();
  const of = (traceId: string): ReadableSpan[] =>
    finished().filter((span) => span.spanContext().traceId === traceId);
  const call = () => sut.within(CALL, () => Promise.resolve());

  it('P16 begins no trace but for a request', async () => {
    await call();
    await sut.following(WORK, [], call);
    expect(finished()).toEqual([]);
    expect([sut.place(), sut.traceparent()]).toEqual([undefined, undefined]);
  });

  it('P16 goes on with the trace that queued the work, and with its later parts', async () => {
    await sut.following(WORK, [parentOf(A)], call);
    const [inner, outer] = of(A);
    expect([inner?.name, outer?.name]).toEqual(['call', 'work']);
    expect(outer?.parentSpanContext?.spanId).toBe('1'.repeat(16));
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  });

  it('P16 shows a batch in each of its traces, and what it set going in the first', async () => {
    await sut.following(WORK, [parentOf(A), parentOf(B), parentOf(A, '2')], call);
    expect(of(A).map(({ name }) => name)).toEqual(['call', 'work']);
    expect(of(B).map(({ name }) => name)).toEqual(['work']);
    const [first, other] = [of(A)[1], of(B)[0]];
    expect(first?.links.map(({ context }) => context.traceId)).toEqual([B]);
    expect(other?.links.map(({ context }) => context.spanId)).toEqual([
      first?.spanContext().spanId,
    ]);
    expect(other?.parentSpanContext?.traceId).toBe(B);
  });

  it('P16 says in each of them that it failed, by a code, and lets the failure through', async () => {
    const failure = Object.assign(new Error('a text of a client'), { code: 'EPIPE' });
    const work = () => Promise.reject(failure);
    await expect(sut.following(WORK, [parentOf(A), parentOf(B)], work)).rejects.toBe(failure);
    const said = finished().map(({ status, attributes, events }) => ({
      status,
      attributes,
      events,
    }));
    const failed = { status: { code: 2 }, attributes: { 'error.type': 'EPIPE' }, events: [] };
    expect(said).toEqual([failed, failed]);
  });

  it('P16 links a batch to a hundred traces at most', async () => {
    const many = Array.from({ length: 300 }, (_, n) => parentOf(String(n + 1).padStart(32, '0')));
    await sut.following(WORK, many, call);
    expect(finished()).toHaveLength(101);
  });

  it('P16 takes nothing for a part of a request that begins after its end', async () => {
    const request = sut.request({ name: 'GET', kind: 'server' }, parentOf(A));
    const late = request.enter(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(sut.traceparent()).toBeUndefined();
      await call();
    });
    request.end('GET /x', {});
    await late;
    expect(finished().map(({ name }) => name)).toEqual(['GET /x']);
  });

  it('P16 keeps what runs at once apart', async () => {
    const traces = [A, B];
    await Promise.all(
      traces.map((traceId) => {
        const request = sut.request({ name: 'GET', kind: 'server' }, parentOf(traceId));
        return request.enter(async () => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          expect(sut.place()?.trace_id).toBe(traceId);
          await call();
          request.end('GET /x', {});
        });
      }),
    );
    for (const traceId of traces) {
      expect(of(traceId).map(({ name }) => name)).toEqual(['call', 'GET /x']);
    }
  });
});
