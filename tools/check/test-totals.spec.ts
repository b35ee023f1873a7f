import { failureLines, type JestReport, suiteLines, totalsOf } from './test-totals.ts';

const report = (counts: Partial<JestReport>): JestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
  ...counts,
});

describe(totalsOf, () => {
  it('adds the reports up', () => {
    const first = report({ numPassedTests: 3, numFailedTests: 1 });
    const second = report({ numPassedTests: 4 });
    expect(totalsOf([first, second])).toEqual({ passed: 7, failed: 1 });
  });

  it('counts what did not run as failed', () => {
    const silent = report({ numPendingTests: 2, numTodoTests: 1, numRuntimeErrorTestSuites: 1 });
    expect(totalsOf([silent])).toEqual({ passed: 0, failed: 4 });
  });
});

describe(suiteLines, () => {
  it('names each suite by its path in the repository', () => {
    const suite = {
      name: '/repo/libs/a/src/a.spec.ts',
      assertionResults: [{ status: 'passed' }, { status: 'failed' }],
    };
    expect(suiteLines(report({ testResults: [suite] }), '/repo')).toEqual([
      'libs/a/src/a.spec.ts: 1 of 2 passed',
    ]);
  });
});

describe(failureLines, () => {
  it('gives each failed test with the first lines of why, and passes over the others', () => {
    const why = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
    const suite = {
      name: '/repo/test/a.spec.ts',
      assertionResults: [
        { status: 'passed', fullName: 'a holds' },
        { status: 'failed', fullName: 'b holds', failureMessages: [why] },
      ],
    };
    const lines = failureLines(report({ testResults: [suite] }), '/repo');
    expect(lines.slice(0, 2)).toEqual(['FAILED test/a.spec.ts: b holds', 'line 0']);
    expect(lines).toHaveLength(13);
  });

  it('says why a suite could not be loaded', () => {
    const suite = { name: '/repo/test/a.spec.ts', message: 'no module', assertionResults: [] };
    expect(failureLines(report({ testResults: [suite] }), '/repo')).toEqual([
      'FAILED test/a.spec.ts',
      'no module',
    ]);
  });
});
