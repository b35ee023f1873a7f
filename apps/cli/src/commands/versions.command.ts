import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import type { Memory } from '../memory.js';
import {
  etagOf,
  idempotencyKeyOption,
  ifMatchOption,
  limitOption,
  pathOfRef,
  refOf,
  type RefOptions,
  wholeNumber,
  withRef,
} from '../options.js';
import { memoryDetails, VERSION_COLUMNS } from '../output/memory-view.js';
import { fetchPages, type PagingOptions } from '../paging.js';

interface VersionsOptions extends RefOptions, PagingOptions {
  readonly show?: number;
  readonly restore?: number;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
}

export function versionsCommand(program: Command, io: CliIo): void {
  const command = program
    .command('versions')
    .description('list the versions of a memory, show one, or restore one');
  withRef(command)
    .option('--show <version>', 'one version in full', wholeNumber)
    .option('--restore <version>', 'write it again as the next version', wholeNumber)
    .addOption(ifMatchOption())
    .addOption(idempotencyKeyOption())
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--all', 'every page');
  onRun<VersionsOptions>(command, io, async (session, options, args) => {
    const { namespace, show, restore, ifMatch, idempotencyKey } = options;
    if (show !== undefined && restore !== undefined) {
      throw usageError('Either --show or --restore.', 'Give one of them.');
    }
    const path = `${pathOfRef(refOf(options, args))}/versions`;
    const query = { namespace };
    const api = await session.api();
    const one = show ?? restore;
    if (one !== undefined) {
      const writes = { method: 'POST', ifMatch: etagOf(ifMatch), idempotencyKey } as const;
      const reply = await api.send<Memory>({
        path: restore === undefined ? `${path}/${one}` : `${path}/${one}/restore`,
        query,
        ...(restore !== undefined && writes),
      });
      session.show(reply, (memory) => session.details(memoryDetails(memory)));
      return;
    }
    const request = { path, query, items: 'versions' } as const;
    const reply = await fetchPages<'versions', Memory>(api, request, options);
    session.show(reply, ({ versions, next_cursor }) => {
      session.table(VERSION_COLUMNS, versions);
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}   (or --all)`);
    });
  });
  withExamples(command, [
    'soma versions 1.0,2.0,3.0',
    'soma versions 1.0,2.0,3.0 --show 2 --json',
    'soma versions 1.0,2.0,3.0 --restore 2 --if-match 5',
  ]);
}
