import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { SearchReply } from '../memory.js';
import { EXPLAINED_COLUMNS, REASON_COLUMNS, reasonsOf } from '../output/explanation-view.js';
import { decimals, SCORED_COLUMNS } from '../output/memory-view.js';
import { partialLine } from '../output/partial-line.js';
import {
  decimal,
  filterOption,
  knownAtOption,
  namespaceOption,
  recipeOption,
  typeOption,
  validAtOption,
  wholeNumber,
} from '../options.js';

interface RecallOptions {
  readonly query?: string;
  readonly context?: string;
  readonly topK?: number;
  readonly type?: string;
  readonly namespace?: string;
  readonly filter?: string;
  readonly at?: string;
  readonly knownAt?: string;
  readonly validAt?: string;
  readonly recipe?: string;
  readonly explain?: boolean;
  readonly minScore?: number;
  readonly minDense?: number;
  readonly minLexical?: number;
  readonly diversity?: number;
  readonly maxTokens?: number;
}

export function recallCommand(program: Command, io: CliIo): void {
  const command = program
    .command('recall')
    .description('find the memories that answer a question, best first')
    .argument('[query...]', 'the question, in words')
    .option('-q, --query <text>', 'the question, in words; - reads standard input')
    .option(
      '--context <text>',
      'text beside the question, which counts less; - reads standard input',
    )
    .option('-k, --top-k <n>', 'how many memories', wholeNumber)
    .addOption(typeOption())
    .addOption(namespaceOption())
    .addOption(filterOption())
    .option('--at <time>', 'when the question is asked, ISO 8601: "last May" is read from it')
    .addOption(knownAtOption())
    .addOption(validAtOption())
    .addOption(recipeOption())
    .option('--explain', 'show what found each memory and what its score is made of')
    .option('--min-score <0..1>', 'leave out results that score less', decimal)
    .option('--min-dense <-1..1>', 'least cosine by which vectors find a memory', decimal)
    .option('--min-lexical <score>', 'least BM25 score by which words find a memory', decimal)
    .option('--diversity <0..1>', 'towards 1, what resembles a better result comes later', decimal)
    .option('--max-tokens <n>', 'stop before the contents have more tokens', wholeNumber);
  onRun<RecallOptions>(command, io, async (session, options, words) => {
    if (options.query !== undefined && words.length > 0) throw usageError('Ask once.');
    const query = (await session.text('--query', options.query)) ?? words.join(' ');
    if (query.trim() === '') {
      throw usageError('There is no question.', 'Write it: soma recall "what does Ada drink?"');
    }
    const body = jsonObject({
      query,
      context: await session.text('--context', options.context),
      top_k: options.topK,
      memory_type: options.type,
      namespace: options.namespace,
      filter: await session.json('--filter', options.filter),
      at: options.at,
      known_at: options.knownAt,
      valid_at: options.validAt,
      recipe: options.recipe,
      explain: options.explain,
      min_score: minScoreOf(options),
      diversity: options.diversity,
      max_tokens: options.maxTokens,
    });
    const api = await session.api();
    const reply = await api.send<SearchReply>({ method: 'POST', path: '/memories/search', body });
    session.show(reply, (found) => showFound(session, found, options.explain === true));
  });
  withExamples(command, [
    'soma recall "what does Ada drink?"',
    'soma recall --query "door code" --top-k 3 --type semantic --namespace default',
    `soma recall "tea" --filter '{"metadata.seq":{"lt":5}}' --json`,
    'soma recall "what did we decide last May?" --at 2026-07-01T09:00:00Z --explain',
    'soma recall "tea" --recipe lexical --min-score 0.2 --diversity 0.3 --max-tokens 2000',
  ]);
}

function minScoreOf({ minScore, minDense, minLexical }: RecallOptions): object | undefined {
  const least = { final: minScore, dense: minDense, lexical: minLexical };
  return Object.values(least).every((value) => value === undefined) ? undefined : least;
}

function showFound(session: CliSession, found: SearchReply, isExplained: boolean): void {
  const { memories, tokens, took_ms, stages_ms = {}, partial, partial_reason } = found;
  if (isExplained) {
    session.table(EXPLAINED_COLUMNS, [...memories.entries()]);
    session.print('\n');
    session.table(REASON_COLUMNS, reasonsOf(memories));
  } else {
    session.table(SCORED_COLUMNS, memories);
  }
  const size = tokens === undefined ? '' : `, ${tokens} tokens`;
  session.note(`${memories.length} found in ${decimals(took_ms, 0)} ms${size}`);
  if (isExplained) session.note(stageLine(stages_ms));
  if (partial) session.warn(partialLine(partial_reason));
}

const stageLine = (stages: Readonly<Record<string, number>>): string =>
  Object.entries(stages)
    .map(([stage, ms]) => `${stage} ${decimals(ms, 1)} ms`)
    .join(', ');
