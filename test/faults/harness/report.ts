import { markdownTable } from '../../bench/markdown-table.ts';
import type { RequestSummary } from './request-log.ts';
import type { IndexState, Verdict } from './verify.ts';

/** What one fault came to: a line of the table. */
export interface FaultReport {
  readonly fault: string;
  readonly acknowledged: number;
  readonly present: number;
  readonly findable: number;
  readonly duplicates: number;
  readonly orphans: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly longest_ms: number;
  readonly store_p99_ms: number;
  /** From the end of the fault until the service says that all is well. */
  readonly recovery_s: number;
  /** From then until the index says what PostgreSQL says. */
  readonly index_s: number;
  /** Promises that did not hold: what was promised, and what was seen. */
  readonly broken: readonly string[];
}

export interface FaultParts {
  readonly verdict: Verdict;
  readonly requests: RequestSummary;
  readonly index: IndexState;
  readonly recoveryS: number;
  readonly broken: readonly string[];
}

export function faultReport(fault: string, parts: FaultParts): FaultReport {
  const { verdict, requests, index, recoveryS, broken } = parts;
  return {
    fault,
    acknowledged: verdict.acknowledged,
    present: verdict.present,
    findable: verdict.findable,
    duplicates: verdict.duplicates,
    orphans: index.orphans,
    errors: requests.errors,
    longest_ms: Math.round(requests.longestMs),
    store_p99_ms: Math.round(requests.storeP99Ms),
    recovery_s: Math.round(recoveryS * 10) / 10,
    index_s: Math.round(index.afterS * 10) / 10,
    broken: [...verdict.broken, ...broken],
  };
}

const HEAD = [
  'fault',
  'acknowledged',
  'present',
  'findable',
  'duplicates',
  'orphans',
  'errors',
  'longest ms',
  'store p99 ms',
  'recovery s',
  'index s',
];

export function describeReports(reports: readonly FaultReport[]): string {
  const rows = reports.map((report) => [
    report.fault,
    String(report.acknowledged),
    String(report.present),
    String(report.findable),
    String(report.duplicates),
    String(report.orphans),
    describeErrors(report.errors),
    String(report.longest_ms),
    String(report.store_p99_ms),
    report.recovery_s.toFixed(1),
    report.index_s.toFixed(1),
  ]);
  const broken = reports.flatMap(({ fault, broken: promises }) =>
    promises.map((promise) => `BROKEN ${fault}: ${promise}`),
  );
  const table = markdownTable(HEAD, rows);
  return broken.length === 0 ? table : `${table}\n\n${broken.join('\n')}`;
}

export function describeErrors(errors: Readonly<Record<string, number>>): string {
  const parts = Object.entries(errors)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${name} x${count}`);
  return parts.join(', ') || '-';
}
