import { type Command, Option } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { Memory } from '../memory.js';
import {
  filterOption,
  idempotencyKeyOption,
  list,
  namespaceOption,
  wholeNumber,
} from '../options.js';

interface Digest {
  readonly text: string;
  readonly cited: readonly string[];
  readonly method: string;
  readonly memory: Memory | null;
}

interface ReflectOptions {
  readonly namespace?: string;
  readonly count?: number;
  readonly by?: string;
  readonly maxTokens?: number;
  readonly store?: boolean;
  readonly idempotencyKey?: string;
}

export function reflectCommand(program: Command, io: CliIo): void {
  const command = digestOptions(
    program
      .command('reflect')
      .description('show what the latest or most important episodes have in common')
      .option('--count <n>', 'how many episodes, 1 to 200 (the API uses 20)', wholeNumber)
      .addOption(new Option('--by <order>', 'which of them').choices(['recent', 'important'])),
  );
  onRun<ReflectOptions>(command, io, async (session, options) => {
    const { namespace, count, by, maxTokens, store, idempotencyKey } = options;
    const reply = await session.sendLong<{ groups: readonly (Digest & { from: string })[] }>(
      'tenant',
      'reflecting',
      {
        method: 'POST',
        path: '/hierarchy/reflect',
        body: jsonObject({ namespace, n: count, by, max_tokens: maxTokens, store }),
        idempotencyKey,
      },
    );
    session.show(reply, ({ groups }) => {
      for (const group of groups) showDigest(session, group, `${group.from}\n`);
      if (groups.length === 0) session.note('There is no episode to look at.');
    });
  });
  withExamples(command, ['soma reflect', 'soma reflect --count 50 --by important --store']);
}

interface SummarizeOptions extends ReflectOptions {
  readonly filter?: string;
  readonly ids?: readonly string[];
}

export function summarizeCommand(program: Command, io: CliIo): void {
  const command = digestOptions(
    program
      .command('summarize')
      .description('write a digest of memories, with the ids it is drawn from')
      .addOption(filterOption())
      .option('--ids <uuids>', 'the memories, with commas between', list),
  );
  onRun<SummarizeOptions>(command, io, async (session, options) => {
    const { namespace, ids, maxTokens, store, idempotencyKey } = options;
    if ((options.filter === undefined) === (ids === undefined)) {
      throw usageError('Which memories? Give either --filter or --ids.');
    }
    const filter = await session.json('--filter', options.filter);
    const reply = await session.sendLong<Digest>('tenant', 'summarizing', {
      method: 'POST',
      path: '/hierarchy/summarize',
      body: jsonObject({ namespace, filter, ids, max_tokens: maxTokens, store }),
      idempotencyKey,
    });
    session.show(reply, (digest) => showDigest(session, digest));
  });
  withExamples(command, [
    `soma summarize --filter '{"tags":"launch"}'`,
    'soma summarize --ids 019aa5a0-1111-7000-8000-000000000001 --max-tokens 64 --json',
  ]);
}

const digestOptions = (command: Command): Command =>
  command
    .addOption(namespaceOption())
    .option('--max-tokens <n>', 'length of a digest, 16 to 4096', wholeNumber)
    .option('--store', 'keep it as a memory of type summary')
    .addOption(idempotencyKeyOption());

function showDigest(session: CliSession, { text, cited, memory }: Digest, before = ''): void {
  session.print(`${before}${text}\n  from ${cited.join(', ')}\n`);
  if (memory) session.note(`Stored: ${memory.id}`);
}
