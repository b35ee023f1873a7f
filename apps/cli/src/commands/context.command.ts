import { type Command, Option } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { ContextReply } from '../memory.js';
import { decimal, filterOption, namespaceOption, typeOption, wholeNumber } from '../options.js';
import { decimals } from '../output/memory-view.js';
import { partialLine } from '../output/partial-line.js';
import { printableLines } from '../output/printable.js';

const FORMATS = ['text', 'markdown', 'xml', 'jsonl'] as const;
const ORDERS = ['time', 'relevance'] as const;
const CITATIONS = ['markers', 'ids'] as const;
const TIERS = ['stored', 'all'] as const;

interface ContextOptions {
  readonly query?: string;
  readonly maxTokens?: number;
  readonly format?: string;
  readonly order?: string;
  readonly citations?: string;
  readonly whole?: boolean;
  readonly tiers?: string;
  readonly context?: string;
  readonly type?: string;
  readonly namespace?: string;
  readonly filter?: string;
  readonly at?: string;
  readonly minScore?: number;
}

export function contextCommand(program: Command, io: CliIo): void {
  const command = program
    .command('context')
    .description('what memories say on a question, as a text for a prompt')
    .argument('[query...]', 'the question, in words')
    .option('-q, --query <text>', 'the question, in words; - reads standard input')
    .option('--max-tokens <n>', 'the text has at most so many (the API uses 1024)', wholeNumber)
    .addOption(new Option('--format <name>', 'how the text is written').choices(FORMATS))
    .addOption(new Option('--order <name>', 'order of the lines').choices(ORDERS))
    .addOption(
      new Option('--citations <style>', 'numbers, or whole ids of memories').choices(CITATIONS),
    )
    .option('--whole', 'memories stand whole or not at all')
    .addOption(
      new Option('--tiers <which>', 'memories as stored, or digests of them too').choices(TIERS),
    )
    .option(
      '--context <text>',
      'text beside the question, which counts less; - reads standard input',
    )
    .addOption(typeOption())
    .addOption(namespaceOption())
    .addOption(filterOption())
    .option('--at <time>', 'when the question is asked, ISO 8601: "last May" is read from it')
    .option('--min-score <0..1>', 'leave out what scores less', decimal);
  onRun<ContextOptions>(command, io, async (session, options, words) => {
    if (options.query !== undefined && words.length > 0) throw usageError('Ask once.');
    const query = (await session.text('--query', options.query)) ?? words.join(' ');
    if (query.trim() === '') {
      throw usageError('There is no question.', 'Write it: soma context "what does Ada drink?"');
    }
    const body = jsonObject({
      query,
      max_tokens: options.maxTokens,
      format: options.format,
      order: options.order,
      citations: options.citations,
      whole: options.whole,
      tiers: options.tiers,
      context: await session.text('--context', options.context),
      memory_type: options.type,
      namespace: options.namespace,
      filter: await session.json('--filter', options.filter),
      at: options.at,
      min_score: options.minScore,
    });
    const api = await session.api();
    const reply = await api.send<ContextReply>({ method: 'POST', path: '/memories/context', body });
    session.show(reply, (packed) => showPacked(session, packed));
  });
  withExamples(command, [
    'soma context "what does Ada drink?"',
    'soma context "what did we decide last May?" --max-tokens 512 --at 2026-07-01T09:00:00Z',
    `soma context --query "tea" --format xml --order relevance --filter '{"tags":"kitchen"}'`,
    'soma context "door code" --citations ids --whole --json',
  ]);
}

function showPacked(session: CliSession, packed: ContextReply): void {
  const { text, tokens, budget, citations, left_out, took_ms, partial, partial_reason } = packed;
  if (text !== '') session.print(`${printableLines(text)}\n`);
  session.note(
    `${citations.length} memories in ${tokens} of ${budget} tokens, ${left_out} left out, ` +
      `in ${decimals(took_ms, 0)} ms`,
  );
  if (partial) session.warn(partialLine(partial_reason));
}
