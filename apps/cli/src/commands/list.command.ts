import { Option, type Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import type { Memory } from '../memory.js';
import { MEMORY_COLUMNS } from '../output/memory-view.js';
import {
  filterOption,
  knownAtOption,
  limitOption,
  namespaceOption,
  typeOption,
  validAtOption,
} from '../options.js';
import { fetchPages, type PagingOptions } from '../paging.js';

interface ListOptions extends PagingOptions {
  readonly namespace?: string;
  readonly type?: string;
  readonly tag?: string;
  readonly minCoord?: string;
  readonly maxCoord?: string;
  readonly filter?: string;
  readonly slot?: string;
  readonly knownAt?: string;
  readonly validAt?: string;
  readonly sort?: string;
  readonly order?: string;
}

export function listCommand(program: Command, io: CliIo): void {
  const command = program
    .command('list')
    .description('list memories, page by page')
    .addOption(namespaceOption())
    .addOption(typeOption())
    .option('--tags, --tag <tag>', 'only with this tag')
    .option('--min-coord <numbers>', 'lower corner of a box of coordinates')
    .option('--max-coord <numbers>', 'upper corner of a box of coordinates')
    .addOption(filterOption())
    .option('--slot <name>', 'only facts of this slot')
    .addOption(knownAtOption())
    .addOption(validAtOption())
    .addOption(
      new Option('--sort <field>', 'what to sort by').choices([
        'created_at',
        'updated_at',
        'importance',
        'coordinate',
      ]),
    )
    .addOption(new Option('--order <order>', 'direction').choices(['asc', 'desc']))
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--all', 'every page');
  onRun<ListOptions>(command, io, async (session, options) => {
    const filter = await session.json('--filter', options.filter);
    const query = {
      namespace: options.namespace,
      memory_type: options.type,
      tag: options.tag,
      min_coord: options.minCoord,
      max_coord: options.maxCoord,
      filter: filter?.text,
      slot: options.slot,
      known_at: options.knownAt,
      valid_at: options.validAt,
      sort: options.sort,
      order: options.order,
    };
    const api = await session.api();
    const reply = await fetchPages<'memories', Memory>(
      api,
      { path: '/memories', query, items: 'memories' },
      options,
    );
    session.show(reply, ({ memories, next_cursor }) => {
      session.table(MEMORY_COLUMNS, memories);
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}   (or --all)`);
    });
  });
  withExamples(command, [
    'soma list --namespace diary --sort importance --order desc --limit 10',
    'soma list --min-coord 0,0,0 --max-coord 1,1,1',
    'soma list --all --json',
  ]);
}
