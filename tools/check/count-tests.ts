import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failureLines, type JestReport, suiteLines, totalsOf } from './test-totals.ts';

/**
 * `node tools/check/count-tests.ts FAILED_STEPS FAILED_TEST_STEPS REPORT...` prints a line for each suite, then
 * each failed test with its reason and, last and alone, `N passed, N failed`. Every failed step counts, and so does a report that is missing; a failed
 * step of tests counts by its failing tests, and as one when it has none. The exit code is 1 when anything failed or nothing ran.
 */
const [failedSteps = '0', failedTestSteps = '0', ...paths] = process.argv.slice(2);
const root = resolve(import.meta.dirname, '../..');
const found = paths.filter((path) => existsSync(path));
const reports = found.map((path) => JSON.parse(readFileSync(path, 'utf8')) as JestReport);
const suites = reports.flatMap((report) => suiteLines(report, root));
for (const line of [...suites, ...reports.flatMap((report) => failureLines(report, root))]) {
  process.stdout.write(`${line}\n`);
}
const tests = totalsOf(reports);
const failedTests = Math.max(tests.failed + paths.length - found.length, Number(failedTestSteps));
const failed = failedTests + Number(failedSteps);
process.stdout.write(`${tests.passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || tests.passed === 0 ? 1 : 0;
