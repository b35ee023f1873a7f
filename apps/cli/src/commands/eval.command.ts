import { InvalidArgumentError, Option, type Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-codes.js';
import { list, namespaceOption, recipeOption, RECIPES, wholeNumber } from '../options.js';
import { printable } from '../output/printable.js';

const MOST_SHOWN = 10;

interface EvalOptions {
  readonly data: string;
  readonly match?: string;
  readonly recipe?: string;
  readonly compare?: readonly string[];
  readonly k: number;
  readonly namespace?: string;
  readonly concurrency: number;
}

export function evalCommand(program: Command, io: CliIo): void {
  const command = program
    .command('eval')
    .description('measure recall, speed and size of answers on your own labelled queries')
    .requiredOption('--data <file>', 'one query a line, as JSON; - reads standard input')
    .option('--match <by>', 'what names a memory: id, coordinate or metadata.<name>')
    .addOption(recipeOption().conflicts('compare'))
    .addOption(new Option('--compare <recipes>', 'several recipes side by side').argParser(recipes))
    .addOption(
      new Option('-k, --k <n>', 'how many memories to ask for').argParser(atLeastOne).default(10),
    )
    .addOption(namespaceOption())
    .addOption(
      new Option('--concurrency <n>', 'queries asked at once').argParser(atLeastOne).default(4),
    );
  onRun<EvalOptions>(command, io, async (session, options) => {
    const { evaluate } = await import('../evaluation/evaluate.js');
    const { showScorecard } = await import('../evaluation/scorecard-view.js');
    const asked = options.compare ?? [options.recipe];
    const evaluation = await evaluate(session, { ...options, recipes: asked });
    session.showValue(evaluation, () => {
      showScorecard(session, evaluation);
      remark(session, evaluation);
    });
    const { failures, queries } = evaluation;
    if (failures.length > 0) {
      throw new CliError({
        exitCode: EXIT.INVALID,
        code: 'SEARCHES_FAILED',
        detail: `${failures.length} of ${queries * asked.length} searches failed.`,
        hint: 'What is measured is what the others found.',
      });
    }
  });
  withExamples(command, [
    'soma eval --data queries.ndjson --namespace diary',
    'soma eval --data queries.ndjson --match metadata.message_id --recipe context --k 20',
    'soma eval --data queries.ndjson --compare hybrid,rrf,dense,lexical --json',
  ]);
}

/** What a reader of the figures must know. */
function remark(session: CliSession, evaluation: Evaluation): void {
  const { queries, without_relevant, missing, failures, k, match, recipes: cards } = evaluation;
  session.note(
    `${queries - without_relevant.length} of ${queries} queries measured, ${k} memories asked for, matched by ${match}`,
  );
  session.note('LOW to HIGH and ± hold the mean with 95 % confidence; * is more than chance');
  if (without_relevant.length > 0) {
    session.warn(`not measured, as they name no relevant memory: line ${some(without_relevant)}`);
  }
  if (missing.length > 0) {
    const shown = missing.map(({ line, relevant }) => `${printable(relevant)} (line ${line})`);
    session.warn(
      `not found, as the service does not have them: ${some(shown)}. Is it --match or --namespace?`,
    );
  }
  for (const { recipe, partial_answers: partial } of cards) {
    if (partial > 0) session.warn(`answers of ${recipe} that may lack something: ${partial}`);
  }
  for (const { recipe, line, code, detail } of failures.slice(0, MOST_SHOWN)) {
    session.note(`line ${line} (${recipe}): ${printable(code)}: ${printable(detail)}`);
  }
}

function some(items: readonly (string | number)[]): string {
  const more = items.length - MOST_SHOWN;
  return `${items.slice(0, MOST_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function recipes(text: string): readonly string[] {
  const names = [...new Set(list(text))];
  const unknown = names.find((name) => !RECIPES.some((recipe) => recipe === name));
  if (unknown !== undefined || names.length === 0) {
    throw new InvalidArgumentError(`Recipes are ${RECIPES.join(', ')}, with commas between.`);
  }
  return names;
}

function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 1_000) throw new InvalidArgumentError('It must be 1 to 1000.');
  return value;
}
