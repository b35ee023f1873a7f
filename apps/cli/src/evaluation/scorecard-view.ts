import type { CliSession } from '../cli-session.js';
import { decimals } from '../output/memory-view.js';
import type { Column } from '../output/table.js';
import type { Estimate } from './bootstrap.js';
import type { Evaluation } from './evaluate.js';
import type { Latency } from './percentiles.js';
import type { Measured, Scorecard } from './scorecard.js';

type Row = readonly (string | number | undefined)[];

/** The scorecard as tables: what was found, how fast, and what found it. */
export function showScorecard(session: CliSession, evaluation: Evaluation): void {
  const { recipes, differences } = evaluation;
  const [only] = recipes;
  if (!only) return;
  if (recipes.length === 1) {
    showMeasures(session, only);
    showCategories(session, only);
  } else {
    showSideBySide(session, recipes);
    const changed = differences.map(({ recipe, against, measures }) => [
      `${recipe} - ${against}`,
      ...Object.values(measures).map(({ mean, low, high }) => range({ mean, low, high })),
    ]);
    section(session, ['DIFFERENCE', ...Object.keys(only.measures)], changed);
  }
  showLatencies(session, recipes);
  showArms(session, recipes);
}

function showMeasures(session: CliSession, { measures }: Scorecard): void {
  const rows = Object.entries(measures).map(([name, { mean, low, high }]) => [
    name,
    ...[mean, low, high].map((value) => decimals(value, 4)),
  ]);
  table(session, ['MEASURE', 'MEAN', 'LOW', 'HIGH'], rows);
}

function showCategories(session: CliSession, { categories, measures }: Scorecard): void {
  const rows = categories.map((own) => [own.category, own.queries, ...cellsOf(own.measures)]);
  section(session, ['CATEGORY', 'QUERIES', ...Object.keys(measures)], rows);
}

function showSideBySide(session: CliSession, cards: readonly Scorecard[]): void {
  const measures = Object.keys(cards[0]?.measures ?? {});
  const rows = cards.map((card) => [card.recipe, card.queries, ...cellsOf(card.measures)]);
  table(session, ['RECIPE', 'QUERIES', ...measures], rows);
  const names = [...new Set(cards.flatMap((card) => card.categories.map((own) => own.category)))];
  const main = measures.findLast((name) => name.startsWith('recall')) ?? '';
  const byCategory = names.map((name) => [
    name,
    ...cards.map((card) => {
      const found = card.categories.find(({ category }) => category === name)?.measures[main];
      return found && halved(found);
    }),
  ]);
  section(session, [`CATEGORY (${main})`, ...cards.map(({ recipe }) => recipe)], byCategory);
}

function showLatencies(session: CliSession, cards: readonly Scorecard[]): void {
  const stages = [...new Set(cards.flatMap((card) => Object.keys(card.latency_ms.stages)))];
  const rows = cards.map(({ recipe, latency_ms: { took, round_trip, stages: own }, tokens }) => [
    recipe,
    ...[took, round_trip, ...stages.map((stage) => own[stage] ?? null)].map(latency),
    tokens === null ? undefined : decimals(tokens, 0),
  ]);
  const titles = ['MS p50/p95', 'TOOK', 'ROUND TRIP', ...stages.map((name) => name.toUpperCase())];
  section(session, [...titles, 'TOKENS'], rows);
}

function showArms(session: CliSession, cards: readonly Scorecard[]): void {
  const arms = cards.flatMap(({ recipe, arms: own }) =>
    own.map(({ arm, found, found_only_by_it }) => [
      recipe,
      arm,
      percent(found),
      percent(found_only_by_it),
    ]),
  );
  section(session, ['RECIPE', 'ARM', 'FOUND', 'IT ALONE'], arms);
  const features = cards.flatMap(({ recipe, features: own }) =>
    own.map(({ feature, share }) => [recipe, feature, percent(share)]),
  );
  section(session, ['RECIPE', 'FEATURE', 'OF THE SCORE'], features);
}

function section(session: CliSession, titles: readonly string[], rows: readonly Row[]): void {
  if (rows.length === 0) return;
  session.print('\n');
  table(session, titles, rows);
}

function table(session: CliSession, titles: readonly string[], rows: readonly Row[]): void {
  const columns = titles.map((title, at): Column<Row> => {
    const isText = rows.every((row) => typeof row[at] === 'string' && !/^[+-]?\d/.test(row[at]));
    return { title, value: (row) => row[at], align: isText ? 'left' : 'right' };
  });
  session.table(columns, rows);
}

const cellsOf = (measures: Measured): string[] => Object.values(measures).map(halved);

/** Half the interval to each side: narrow enough to stand beside others. */
const halved = ({ mean, low, high }: Estimate): string =>
  `${decimals(mean, 3)} ±${decimals((high - low) / 2, 3)}`;

const range = ({ mean, low, high }: Estimate): string =>
  `${signed(mean)} [${signed(low)}, ${signed(high)}]`;

const signed = (value: number): string => `${value < 0 ? '' : '+'}${decimals(value, 3)}`;

const latency = (found: Latency | null): string | undefined =>
  found ? `${decimals(found.p50, 1)}/${decimals(found.p95, 1)}` : undefined;

const percent = (share: number): string => `${decimals(100 * share, 1)} %`;
