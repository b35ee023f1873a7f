import { markdownTable } from '../markdown-table.ts';
import type { Percentiles } from '../percentiles.ts';
import { MEASURES } from './metrics.ts';
import type { Score } from './metrics.ts';
import type { Scores } from './score.ts';

/** `overall` and `by_category` as the judge prints them, and how the run was made. */
export interface RetrievalReport extends Scores {
  set: string;
  embedder: string;
  model: string;
  stack: string;
  k: number;
  documents: number;
  took_s: number;
  store_s: number;
  search_s: number;
  latency_ms: Percentiles;
  partial: number;
  /** Whether the data's own judge was asked; it agreed, or there would be no report. */
  judged: boolean;
}

/** The report for a reader: a Markdown table by category and a line about the run. */
export function describeRetrieval(report: RetrievalReport): string {
  const row = (name: string, score: Score): string[] => [
    name,
    ...MEASURES.map((measure) => score[measure].toFixed(3)),
    String(score.n),
  ];
  const table = markdownTable(
    [report.set, ...MEASURES, 'n'],
    [
      row('overall', report.overall),
      ...Object.entries(report.by_category).map(([name, score]) => row(name, score)),
    ],
  );
  const { p50, p95, p99 } = report.latency_ms;
  return [
    table,
    '',
    `${report.documents} memories and ${report.overall.n} questions, ${report.stack} stack, embedder ${report.embedder} (${report.model}), top_k ${report.k}`,
    `stored in ${report.store_s.toFixed(1)} s; a search p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; ${report.partial} partial answers`,
    report.judged ? 'the judge agrees to 0.0001' : 'no judge.py beside the set: scored here only',
  ].join('\n');
}
