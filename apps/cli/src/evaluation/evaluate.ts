import type { CliSession } from '../cli-session.js';
import type { FieldError } from '../cli-error.js';
import { openSource } from '../file-source.js';
import { ndjsonLines } from '../ndjson.js';
import { ProgressBar } from '../output/progress-bar.js';
import { type Answered, askQueries, type Failed } from './ask-queries.js';
import { type Difference, differences } from './comparison.js';
import { readLabelledQueries } from './labelled-file.js';
import type { LabelledQuery } from './labelled-query.js';
import { matchBy } from './match-by.js';
import { type MissingMemory, missingMemories } from './missing-memories.js';
import { type Scorecard, scorecardOf } from './scorecard.js';

export interface EvaluationOptions {
  readonly data: string;
  readonly match?: string;
  readonly namespace?: string;
  /** Undefined asks as the service does by default. */
  readonly recipes: readonly (string | undefined)[];
  readonly k: number;
  readonly concurrency: number;
}

export interface Evaluation {
  readonly k: number;
  readonly match: string;
  readonly queries: number;
  readonly recipes: readonly Scorecard[];
  readonly differences: readonly Difference[];
  /** Lines of queries that name no relevant memory: asked, but not measured. */
  readonly without_relevant: readonly number[];
  /** Relevant memories that the service does not have; they count as not found. */
  readonly missing: readonly MissingMemory[];
  readonly failures: readonly FailedSearch[];
}

export interface FailedSearch {
  readonly recipe: string;
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** Asks every query of the file with every recipe, and measures what came. */
export async function evaluate(
  session: CliSession,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const { namespace, k, concurrency, recipes } = options;
  const match = matchBy(options.match);
  const { chunks } = await openSource(session, options.data);
  const queries = await readLabelledQueries(ndjsonLines(chunks), match);
  const api = await session.api();
  const progress = progressOf(session, queries.length * recipes.length);
  const cards: Scorecard[] = [];
  const failures: FailedSearch[] = [];
  const answers: Answered[] = [];
  try {
    for (const recipe of recipes) {
      const asking = { api, match, recipe, namespace, k, concurrency, onOutcome: progress.count };
      const outcomes = await askQueries(queries, asking);
      const answered = outcomes.filter(isAnswered);
      const name = recipe ?? recipeNamedIn(answered);
      cards.push(scorecardOf(name, answered, k));
      failures.push(...outcomes.filter(isFailed).map((failed) => failureOf(name, failed)));
      answers.push(...answered);
    }
  } finally {
    progress.clear();
  }
  return {
    k,
    match: match.name,
    queries: queries.length,
    recipes: cards,
    differences: differences(cards, k),
    without_relevant: queries.filter(({ relevant }) => relevant.length === 0).map(lineOf),
    missing: await missingMemories(unseenIn(answers), { api, match, namespace, concurrency }),
    failures,
  };
}

/** For each query what no recipe found. */
function unseenIn(answers: readonly Answered[]) {
  const byQuery = Map.groupBy(answers, ({ query }) => query);
  return [...byQuery].map(([query, own]) => ({
    query,
    keys: query.relevant.filter((_, at) => own.every(({ places }) => places[at] === null)),
  }));
}

function progressOf(session: CliSession, total: number) {
  const bar = new ProgressBar(session.io.stderr, total);
  let asked = 0;
  let failed = 0;
  return {
    count: (hasFailed: boolean): void => {
      asked += 1;
      failed += hasFailed ? 1 : 0;
      bar.draw(asked, `${asked} asked${failed > 0 ? `, ${failed} failed` : ''}`);
    },
    clear: (): void => bar.clear(),
  };
}

const isAnswered = (outcome: Answered | Failed): outcome is Answered => 'reply' in outcome;

const isFailed = (outcome: Answered | Failed): outcome is Failed => 'error' in outcome;

const failureOf = (recipe: string, { query, error }: Failed): FailedSearch => {
  const { code, detail, errors } = error.parts;
  return { recipe, line: query.line, code, detail, errors };
};

/** The service says in each explanation which recipe it took. */
const recipeNamedIn = (answers: readonly Answered[]): string =>
  answers.flatMap(({ reply }) => reply.memories).find(({ explanation }) => explanation)?.explanation
    ?.recipe ?? 'default';

const lineOf = ({ line }: LabelledQuery): number => line;
