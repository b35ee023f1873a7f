import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { ScoredMemory } from '../memory.js';
import { decimals, SCORED_COLUMNS } from '../output/memory-view.js';
import { filterOption, namespaceOption, typeOption, wholeNumber } from '../options.js';

interface RecallOptions {
  readonly query?: string;
  readonly topK?: number;
  readonly type?: string;
  readonly namespace?: string;
  readonly filter?: string;
}

interface Recalled {
  readonly memories: readonly ScoredMemory[];
  readonly took_ms: number;
  readonly partial: boolean;
  readonly partial_reason?: string;
}

export function recallCommand(program: Command, io: CliIo): void {
  const command = program
    .command('recall')
    .description('find the memories that answer a question, best first')
    .argument('[query...]', 'the question, in words')
    .option('-q, --query <text>', 'the question, in words; - reads standard input')
    .option('-k, --top-k <n>', 'how many memories', wholeNumber)
    .addOption(typeOption())
    .addOption(namespaceOption())
    .addOption(filterOption());
  onRun<RecallOptions>(command, io, async (session, options, words) => {
    if (options.query !== undefined && words.length > 0) throw usageError('Ask once.');
    const query = (await session.text('--query', options.query)) ?? words.join(' ');
    if (query.trim() === '') {
      throw usageError('There is no question.', 'Write it: soma recall "what does Ada drink?"');
    }
    const body = jsonObject({
      query,
      top_k: options.topK,
      memory_type: options.type,
      namespace: options.namespace,
      filter: await session.json('--filter', options.filter),
    });
    const api = await session.api();
    const reply = await api.send<Recalled>({ method: 'POST', path: '/memories/search', body });
    session.show(reply, ({ memories, took_ms, partial, partial_reason }) => {
      session.table(SCORED_COLUMNS, memories);
      session.note(`${memories.length} found in ${decimals(took_ms, 0)} ms`);
      if (partial) session.warn(`something may be missing: ${partial_reason ?? 'no reason given'}`);
    });
  });
  withExamples(command, [
    'soma recall "what does Ada drink?"',
    'soma recall --query "door code" --top-k 3 --type semantic --namespace default',
    `soma recall "tea" --filter '{"metadata.seq":{"lt":5}}' --json`,
  ]);
}
