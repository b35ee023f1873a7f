import { markdownTable } from '../markdown-table.ts';
import type { Score } from '../retrieval/metrics.ts';
import type { Calibration } from './calibration.ts';
import type { AblationRow, Calibrated, LeftOut } from './study.ts';

/** A whole run, as `--json` prints it. */
export interface FitReport {
  embedder: string;
  model: string;
  stack: string;
  top_k: number;
  l2: number;
  queries: number;
  /** Mean number of candidates of a query. */
  candidates: number;
  /** What each set counted. */
  set_weights: Record<string, number>;
  /** By set: the share of evidence among the candidates. */
  reach: Record<string, number>;
  features: FeatureRow[];
  in_force: Ranked;
  fitted: Ranked;
  left_out?: LeftOut;
  ablation?: AblationRow[];
  took_s: number;
}

export interface FeatureRow {
  name: string;
  in_force: number;
  fitted: number;
  /** `data`: no two candidates of a query differ in it. `hand`: they do, and --hold names it. */
  held?: 'hand' | 'data';
}

export interface Ranked {
  by_set: Record<string, Score>;
  by_namespace: Record<string, Score>;
  /** As it is in force, where there is one. */
  calibrated?: Calibrated;
  /** Fitted for these weights. */
  recalibrated: Calibrated;
}

const SHOWN = ['recall@5', 'recall@10', 'recall@20', 'ndcg@10', 'mrr'] as const;

/** The report for a reader: Markdown tables, then what goes into the recipes. */
export function describeFit(report: FitReport): string {
  return [
    scoreTable(report),
    '',
    runLine(report),
    ...(report.left_out ? ['', namespaceTable(report, report.left_out)] : []),
    ...(report.ablation ? ['', ablationTable(report, report.ablation)] : []),
    '',
    weightTable(report.features),
    '',
    calibrationTable(report),
    '',
    '```ts',
    recipeText(report),
    '```',
    `took ${report.took_s.toFixed(0)} s`,
  ].join('\n');
}

function scoreTable({ in_force, fitted, left_out, reach }: FitReport): string {
  const row = (name: string, score: Score | undefined, set: string): string[] => [
    `${set}, ${name}`,
    ...SHOWN.map((measure) => fixed(score?.[measure])),
    fixed(reach[set]),
  ];
  return markdownTable(
    ['set, weights', ...SHOWN, 'reach'],
    Object.keys(in_force.by_set).flatMap((set) => [
      row('in force', in_force.by_set[set], set),
      row('fitted', fitted.by_set[set], set),
      ...(left_out ? [row('fitted, left out', left_out.by_set[set], set)] : []),
    ]),
  );
}

function runLine(report: FitReport): string {
  const counted = Object.entries(report.set_weights).map(([set, weight]) => `${set} ${weight}`);
  return (
    `${report.queries} queries of ${report.candidates.toFixed(0)} candidates (top_k ${report.top_k}), l2 ${report.l2}, ` +
    `${report.stack} stack, embedder ${report.embedder} (${report.model}); sets count: ${counted.join(', ')}. ` +
    'Reach: evidence among the candidates.'
  );
}

function namespaceTable({ in_force, fitted }: FitReport, { by_namespace }: LeftOut): string {
  const rows = Object.entries(by_namespace).map(([name, score]) => [
    name,
    fixed(in_force.by_namespace[name]?.['recall@10']),
    fixed(fitted.by_namespace[name]?.['recall@10']),
    fixed(score['recall@10']),
    String(score.n),
  ]);
  return markdownTable(['namespace, recall@10', 'in force', 'fitted', 'left out', 'n'], rows);
}

function ablationTable({ fitted, features }: FitReport, ablation: readonly AblationRow[]): string {
  const sets = Object.keys(fitted.by_set);
  const cells = (by_set: Record<string, Score>): string[] =>
    sets.map((set) => fixed(by_set[set]?.['recall@10']));
  const difference = (by_set: Record<string, Score>): string[] =>
    sets.map((set) =>
      signed((by_set[set]?.['recall@10'] ?? NaN) - fitted.by_set[set]!['recall@10']),
    );
  const table = markdownTable(
    ['without, recall@10', ...sets, ...sets.map((set) => `${set} ±`)],
    [
      ['nothing', ...cells(fitted.by_set), ...sets.map(() => '')],
      ...ablation.map(({ name, by_set }) => [name, ...cells(by_set), ...difference(by_set)]),
    ],
  );
  const untold = features.filter(({ held }) => held === 'data').map(({ name }) => name);
  return untold.length === 0 ? table : `${table}\n\nNot in the data: ${untold.join(', ')}.`;
}

const HELD = { hand: 'by hand', data: 'not in the data' };

function weightTable(features: readonly FeatureRow[]): string {
  return markdownTable(
    ['feature', 'in force', 'fitted', 'held'],
    features.map(({ name, in_force, fitted, held }) => [
      name,
      in_force.toFixed(2),
      fitted.toFixed(2),
      held === undefined ? '' : HELD[held],
    ]),
  );
}

function calibrationTable({ in_force, fitted }: FitReport): string {
  const row = (name: string, { calibration, error, error_first_ten }: Calibrated): string[] => [
    name,
    calibration.slope.toFixed(3),
    calibration.intercept.toFixed(3),
    error.toFixed(4),
    error_first_ten.toFixed(4),
  ];
  return markdownTable(
    ['weights, calibration', 'slope', 'intercept', 'error', 'first ten'],
    [
      ...(in_force.calibrated ? [row('in force, in force', in_force.calibrated)] : []),
      row('in force, fitted', in_force.recalibrated),
      row('fitted, fitted', fitted.recalibrated),
    ],
  );
}

/** The fitted recipe as TypeScript. */
export function recipeText({
  features,
  fitted,
}: {
  features: readonly FeatureRow[];
  fitted: { recalibrated: { calibration: Calibration } };
}): string {
  const { slope, intercept } = fitted.recalibrated.calibration;
  const key = (name: string): string => (/^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name));
  return [
    '{',
    `  calibration: { slope: ${rounded(slope)}, intercept: ${rounded(intercept)} },`,
    '  weights: {',
    ...features.map(
      (row) => `    ${key(row.name)}: ${rounded(row.fitted)},${row.held ? ' // held' : ''}`,
    ),
    '  },',
    '}',
  ].join('\n');
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100 || 0);
}

function fixed(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(3);
}

function signed(value: number): string {
  return `${Math.round(value * 1000) < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}
