import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { Namespace } from '../memory.js';
import { idempotencyKeyOption, limitOption } from '../options.js';
import type { Column } from '../output/table.js';
import { fetchPages, type PagingOptions } from '../paging.js';

interface SetOptions {
  readonly language: string;
  readonly idempotencyKey?: string;
}

interface Deleted {
  readonly matched: number;
  readonly deleted: number;
  readonly receipt_id: string;
}

const COLUMNS: readonly Column<Namespace>[] = [
  { title: 'NAMESPACE', value: ({ namespace }) => namespace },
  { title: 'LANGUAGE', value: ({ language }) => language },
  { title: 'MEMORIES', value: ({ memories }) => memories, align: 'right' },
];

export function namespacesCommand(program: Command, io: CliIo): void {
  const namespaces = program
    .command('namespaces')
    .description('list and delete namespaces and set their language')
    .helpCommand(false);
  listCommand(namespaces, io);
  setCommand(namespaces, io);
  deleteCommand(namespaces, io);
}

function deleteCommand(namespaces: Command, io: CliIo): void {
  const command = namespaces
    .command('delete')
    .description('delete a namespace with every memory it holds')
    .argument('<namespace>', 'its name')
    .option('-y, --yes', 'really delete it')
    .addOption(idempotencyKeyOption());
  onRun<{ yes?: boolean; idempotencyKey?: string }>(command, io, async (session, options, args) => {
    const [name = ''] = args;
    if (!options.yes) throw usageError(`"${name}" would be lost with all it holds; add --yes.`);
    const api = await session.api();
    const reply = await api.send<Deleted>({
      method: 'DELETE',
      path: `/namespaces/${encodeURIComponent(name)}`,
      idempotencyKey: options.idempotencyKey,
    });
    session.show(reply, ({ deleted, matched, receipt_id }) => {
      session.print(`${deleted} of ${matched} memories deleted\n`);
      session.note(`Receipt: soma deletions get ${receipt_id}`);
    });
  });
  withExamples(command, ['soma namespaces delete scratch --yes']);
}

function listCommand(namespaces: Command, io: CliIo): void {
  const command = namespaces
    .command('list', { isDefault: true })
    .description('list the namespaces with their language')
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--all', 'every page');
  onRun<PagingOptions>(command, io, async (session, options) => {
    const api = await session.api();
    const request = { path: '/namespaces', items: 'namespaces' } as const;
    const reply = await fetchPages<'namespaces', Namespace>(api, request, options);
    session.show(reply, ({ namespaces: found, next_cursor }) => {
      session.table(COLUMNS, found);
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}   (or --all)`);
    });
  });
  withExamples(command, ['soma namespaces list', 'soma namespaces list --all --json']);
}

function setCommand(namespaces: Command, io: CliIo): void {
  const command = namespaces
    .command('set')
    .description('set the language by which a namespace stems words, also of what it holds')
    .argument('<namespace>', 'its name')
    .requiredOption(
      '--language <name>',
      'like german, or simple for no stemming; docs/languages.md',
    )
    .addOption(idempotencyKeyOption());
  onRun<SetOptions>(command, io, async (session, { language, idempotencyKey }, [name = '']) => {
    const api = await session.api();
    const reply = await api.send<Namespace>({
      method: 'PUT',
      path: `/namespaces/${encodeURIComponent(name)}`,
      body: jsonObject({ language }),
      idempotencyKey,
    });
    session.show(reply, (namespace) => session.table(COLUMNS, [namespace]));
  });
  withExamples(command, [
    'soma namespaces set tagebuch --language german',
    'soma --timeout 120 namespaces set archive --language french',
  ]);
}
