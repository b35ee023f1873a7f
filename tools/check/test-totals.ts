/** The part of `jest --json` that is counted. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly SuiteReport[];
}

export interface SuiteReport {
  readonly name: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Adds reports up. A test that did not run (skipped, todo) and a suite that could not be loaded
 * count as failed: what has not run has not passed.
 */
export function totalsOf(reports: readonly JestReport[]): Totals {
  const sum = (count: (report: JestReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  return {
    passed: sum((report) => report.numPassedTests),
    failed: sum(
      (report) =>
        report.numFailedTests +
        report.numPendingTests +
        report.numTodoTests +
        report.numRuntimeErrorTestSuites,
    ),
  };
}

/** One line for each suite, in the order of its path below `root`. */
export function suiteLines(report: JestReport, root: string): string[] {
  return report.testResults
    .map(({ name, assertionResults }) => {
      const passed = assertionResults.filter(({ status }) => status === 'passed').length;
      const path = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
      return `${path}: ${passed} of ${assertionResults.length} passed`;
    })
    .toSorted();
}
