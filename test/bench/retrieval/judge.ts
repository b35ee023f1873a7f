import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UNANSWERABLE } from './dataset.ts';
import { MEASURES } from './metrics.ts';
import type { Scores } from './score.ts';

/** Both round to four decimals, so one unit of the last place may differ. */
const TOLERANCE = 1e-4 + 1e-9;

/** What the data's own judge says of a run file. Needs python3. */
export async function askJudge(judge: string, data: string, runPath: string): Promise<Scores> {
  const { stdout } = await promisify(execFile)('python3', [
    judge,
    'score',
    data,
    runPath,
    '--exclude-cat',
    UNANSWERABLE,
    '--json',
  ]);
  return JSON.parse(stdout) as Scores;
}

/** Every number on which two scorings are further apart than 0.0001, in words; empty if none. */
export function disagreements(ours: Scores, judged: Scores): string[] {
  const names = new Set([...Object.keys(ours.by_category), ...Object.keys(judged.by_category)]);
  const rows = [
    ['overall', ours.overall, judged.overall] as const,
    ...[...names].map((name) => [name, ours.by_category[name], judged.by_category[name]] as const),
  ];
  return rows.flatMap(([name, mine, theirs]) =>
    ([...MEASURES, 'n'] as const)
      .filter((key) => !(Math.abs((mine?.[key] ?? NaN) - (theirs?.[key] ?? NaN)) <= TOLERANCE))
      .map((key) => `${name} ${key}: ${mine?.[key]} here, ${theirs?.[key]} by the judge`),
  );
}
