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
  /** Why the suite could not be loaded, or all that is said of its failures. */
  readonly message?: string;
  readonly assertionResults: readonly TestReport[];
}

export interface TestReport {
  readonly status: string;
  readonly fullName?: string;
  readonly failureMessages?: readonly string[];
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
      return `${pathBelow(root, name)}: ${passed} of ${assertionResults.length} passed`;
    })
    .toSorted();
}

const REASON_LINES = 12;

/** Each test that failed with the first lines of why, and each suite that could not be loaded. */
export function failureLines(report: JestReport, root: string): string[] {
  return report.testResults.flatMap(({ name, message = '', assertionResults }) => {
    const path = pathBelow(root, name);
    if (assertionResults.length === 0) return [`FAILED ${path}`, ...firstLines(message)];
    return assertionResults
      .filter(({ status }) => status === 'failed')
      .flatMap(({ fullName = '', failureMessages = [] }) => [
        `FAILED ${path}: ${fullName}`,
        ...failureMessages.flatMap(firstLines),
      ]);
  });
}

function pathBelow(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

function firstLines(text: string): string[] {
  return text.split('\n').slice(0, REASON_LINES);
}
