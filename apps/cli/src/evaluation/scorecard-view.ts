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
    const changed = differences.map(({ recipe, queries: paired, measures }) => [
      recipe,
      paired,
      ...Object.values(measures).map(difference),
    ]);
    section(session, [`AGAINST ${only.recipe}`, 'QUERIES', ...Object.keys(only.measures)], changed);
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
  const names = namesIn(cards.flatMap((card) => card.categories.map((own) => own.category)));
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
  const stages = namesIn(cards.flatMap((card) => Object.keys(card.latency_ms.stages)));
  const rows = cards.map(({ recipe, latency_ms: { took, round_trip, stages: own }, tokens }) => [
    recipe,
    ...[took, round_trip, ...stages.map((stage) => own[stage] ?? null)].map(latency),
    tokens === null ? undefined : decimals(tokens, 0),
  ]);
  const titles = ['MS p50/p95', 'TOOK', 'ROUND TRIP', ...stages.map((name) => name.toUpperCase())];
  section(session, [...titles, 'TOKENS'], rows);
}

function showArms(session: CliSession, cards: readonly Scorecard[]): void {
  const recipes = cards.map(({ recipe }) => recipe);
  const arms = namesIn(cards.flatMap((card) => card.arms.map(({ arm }) => arm))).map((name) => [
    name,
    ...cards.map((card) => {
      const own = card.arms.find(({ arm }) => arm === name);
      return own && `${percent(own.found)} / ${percent(own.found_only_by_it)}`;
    }),
  ]);
  section(session, ['RELEVANT FOUND BY ARM / IT ALONE', ...recipes], arms);
  const features = cards.flatMap((card) => card.features.map(({ feature }) => feature));
  const shares = namesIn(features).map((name) => [
    name,
    ...cards.map((card) => {
      const own = card.features.find(({ feature }) => feature === name);
      return own && percent(own.share);
    }),
  ]);
  section(session, ['PART IN THE SCORE OF WHAT IS RELEVANT', ...recipes], shares);
}

const namesIn = (names: readonly string[]): string[] => [...new Set(names)];

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

/** A star where the interval does not hold 0. */
function difference({ mean, low, high }: Estimate): string {
  const star = low > 0 || high < 0 ? ' *' : '';
  return `${mean < 0 ? '' : '+'}${halved({ mean, low, high })}${star}`;
}

const latency = (found: Latency | null): string | undefined =>
  found ? `${decimals(found.p50, 1)}/${decimals(found.p95, 1)}` : undefined;

const percent = (share: number): string => `${decimals(100 * share, 1)} %`;
