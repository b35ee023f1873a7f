import { markdownTable } from '../markdown-table.ts';
import type { Percentiles } from '../percentiles.ts';
import type { OperationResult } from './measure.ts';

/** A whole run, as `--json` prints it; times in milliseconds. */
export interface OperationsReport {
  stack: string;
  n: number;
  q: number;
  rounds: number;
  seed: number;
  node: string;
  cpus: number;
  /** Memories a second while loading, through POST /memories/bulk. */
  loaded_per_second: number;
  operations: OperationResult[];
  /** score = max(0, cosine) x importance by a plain loop; `ratio` is slow path / service, p50. */
  slow_path: Percentiles & { ratio: number };
  took_s: number;
}

const HEAD = [
  'operation, clients',
  'p50 ms',
  'p95',
  'p99',
  'calls/s',
  'bare engine',
  'p50 ms',
  'p95',
  'p99',
  'calls/s',
  'ratio p50',
];

/** The report for a reader: a Markdown table, the slow path, and the conditions of the run. */
export function describeOperations(report: OperationsReport): string {
  const rows = report.operations.flatMap(({ operation, clients, service, bare }) =>
    bare.map(({ engine, timing, ratio }) => [
      `${operation}, ${clients}`,
      ...cells(service),
      String(service.per_second),
      engine,
      ...cells(timing),
      String(timing.per_second),
      ratio.toFixed(2),
    ]),
  );
  const { slow_path: slow } = report;
  return [
    markdownTable(HEAD, rows),
    '',
    `Slow path, max(0, cosine) x importance by a plain loop over ${report.n} vectors: p50 ${slow.p50.toFixed(2)} ms, ` +
      `p95 ${slow.p95.toFixed(2)}, p99 ${slow.p99.toFixed(2)}; the service's search takes ${(1 / slow.ratio).toFixed(2)} times as long over HTTP.`,
    `${report.stack} stack, ${report.n} memories, ${report.rounds} rounds of ${report.q} calls, seed ${report.seed}, ` +
      `Node ${report.node}, ${report.cpus} CPUs; loaded ${report.loaded_per_second} memories/s; took ${report.took_s.toFixed(0)} s.`,
  ].join('\n');
}

function cells({ p50, p95, p99 }: Percentiles): string[] {
  return [p50, p95, p99].map((value) => value.toFixed(2));
}
