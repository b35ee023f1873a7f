import type { ReceivedSpan } from '../../e2e/otlp-receiver.ts';

type DrawnSpan = Pick<
  ReceivedSpan,
  'name' | 'service' | 'spanId' | 'parentSpanId' | 'startTimeUnixNano' | 'endTimeUnixNano'
>;

/**
 * Every span of a trace on a line of its own, below the one that set it going: when it began (ms
 * after the first), how long it took (ms), of which service it is. One whose parent is elsewhere, as
 * a caller's is, stands at the margin.
 */
export function drawTrace(spans: readonly DrawnSpan[]): string {
  const sorted = spans.toSorted((left, right) => Number(began(left) - began(right)));
  const known = new Set(spans.map(({ spanId }) => spanId));
  const origin = sorted[0] ? began(sorted[0]) : 0n;
  const below = (parents: readonly DrawnSpan[], depth: number): string[] =>
    parents.flatMap((span) => [
      lineOf(span, origin, depth),
      ...below(
        sorted.filter(({ parentSpanId }) => parentSpanId === span.spanId),
        depth + 1,
      ),
    ]);
  const roots = sorted.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''));
  return ['began after       took  process', ...below(roots, 0)].join('\n');
}

const began = ({ startTimeUnixNano }: DrawnSpan): bigint => BigInt(startTimeUnixNano);

function lineOf(span: DrawnSpan, origin: bigint, depth: number): string {
  const took = BigInt(span.endTimeUnixNano) - began(span);
  const columns = [inMs(began(span) - origin), inMs(took)].map((text) => text.padStart(11));
  return `${columns.join('')}  ${String(span.service).padEnd(12)}${'  '.repeat(depth)}${span.name}`;
}

const inMs = (nanoseconds: bigint): string => `${(Number(nanoseconds) / 1e6).toFixed(1)} ms`;
