import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun, type CliSession } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { Memory } from '../memory.js';
import { CONTENT, COORDINATE, TYPE } from '../output/memory-view.js';
import { idempotencyKeyOption, namespaceOption } from '../options.js';
import { memoryFields, withMemoryFields, type MemoryFieldOptions } from './memory-fields.js';
import { storeFile } from './store-file.js';

interface StoreOptions extends MemoryFieldOptions {
  readonly namespace?: string;
  readonly coord?: string;
  readonly links?: string;
  readonly file?: string;
  readonly idempotencyKey?: string;
}

const PENDING_NOTE =
  'embedding: pending. Words find it now; its vector is made once the embedder answers.';
const ONE_MEMORY = [
  'coord',
  'content',
  'payload',
  'type',
  'tags',
  'metadata',
  'importance',
] as const;
const ONE_MEMORY_MORE = [
  'pinned',
  'dedup',
  'prediction',
  'expiresAt',
  'session',
  'speaker',
  'occurredAt',
  'links',
] as const;

export function storeCommand(program: Command, io: CliIo): void {
  const command = program
    .command('store')
    .description('store a memory, or many from a file of newline-delimited JSON')
    .addOption(namespaceOption())
    .option('-c, --coord <numbers>', 'coordinate, like 1.0,2.0,3.0; derived when left out');
  withMemoryFields(command)
    .option('--links <json>', 'links to make: [{"to_coord":"1,2","link_type":"causes"}]')
    .option('-f, --file <path>', 'one memory a line (NDJSON) in batches; - is standard input')
    .addOption(idempotencyKeyOption());
  onRun<StoreOptions>(command, io, (session, options) =>
    options.file === undefined ? storeOne(session, options) : storeMany(session, options),
  );
  withExamples(command, [
    `soma store --coord 1.0,2.0,3.0 --payload '{"text":"The door code is 4711"}' --type semantic`,
    `soma store --content "Ada prefers tea" --tags user,drinks --importance 0.8`,
    `soma store --file memories.ndjson --namespace diary`,
  ]);
}

async function storeOne(session: CliSession, options: StoreOptions): Promise<void> {
  if (options.content === undefined && options.payload === undefined) {
    throw usageError(
      'There is nothing to store.',
      'Give --content "…" or --payload \'{"key":"value"}\', or many memories with --file.',
    );
  }
  const { coord, namespace, links, idempotencyKey } = options;
  const body = jsonObject({
    coord,
    namespace,
    ...(await memoryFields(session, options)),
    links: await session.json('--links', links),
  });
  const api = await session.api();
  const reply = await api.send<Memory>({ method: 'POST', path: '/memories', body, idempotencyKey });
  session.show(reply, (memory) => {
    session.table(
      [
        COORDINATE,
        TYPE,
        { title: 'VERSION', value: ({ version }) => version, align: 'right' },
        { title: 'ID', value: ({ id }) => id },
        CONTENT,
      ],
      [memory],
    );
    if (memory.embedding === 'pending') session.note(PENDING_NOTE);
  });
}

async function storeMany(session: CliSession, options: StoreOptions): Promise<void> {
  const alien = [...ONE_MEMORY, ...ONE_MEMORY_MORE].filter((name) => options[name] !== undefined);
  if (alien.length > 0) {
    throw usageError(
      `--file does not go with ${alien.join(', ')}: each line says these for itself.`,
      'Only --namespace and --idempotency-key are for the whole file.',
    );
  }
  await storeFile(session, options.file ?? '-', options);
}
