import { markdownTable } from '../markdown-table.ts';
import type { VectorKind } from './corpus.ts';
import { TOP_K } from './measure.ts';
import type { Answered } from './measure.ts';

/** One index in one state, asked one kind of question; times in milliseconds. */
export interface RecallRow extends Answered {
  index: string;
  vectors: VectorKind;
  /** Of the tenant. */
  memories: number;
  selectivity: number;
  matching: number;
  /** p50 divided by that of exact search in process, in the same run. */
  ratio: number;
}

/** A whole run, as `--json` prints it. */
export interface RecallReport {
  stack: string;
  least: number;
  queries: number;
  seed: number;
  rows: RecallRow[];
  took_s: number;
}

export const shortfalls = ({ rows, least }: RecallReport): RecallRow[] =>
  rows.filter(({ recall }) => recall < least);

/** The report for a reader: a Markdown table, and what the figures were measured on. */
export function describeRecall(report: RecallReport): string {
  const head = [
    'index',
    'vectors',
    'memories',
    'filter',
    `recall@${TOP_K}`,
    'p50 ms',
    'p95',
    'x flat',
  ];
  const rows = report.rows.map((row) => [
    row.index,
    row.vectors,
    row.memories.toLocaleString('en'),
    `${row.selectivity * 100} %`,
    row.recall.toFixed(3),
    row.p50.toFixed(1),
    row.p95.toFixed(1),
    row.ratio.toFixed(1),
  ]);
  const short = shortfalls(report);
  return [
    markdownTable(head, rows),
    '',
    short.length === 0
      ? `Every row finds at least ${report.least} of what an exact search finds.`
      : `${short.length} of ${rows.length} rows find less than ${report.least} of what an exact search finds.`,
    `${report.stack} stack, ${report.queries} queries a row, seed ${report.seed}; took ${report.took_s.toFixed(0)} s.`,
  ].join('\n');
}
