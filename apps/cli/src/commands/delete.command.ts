import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun, type CliSession } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import {
  etagOf,
  filterOption,
  idempotencyKeyOption,
  ifMatchOption,
  pathOfRef,
  refOf,
  withRef,
  type RefOptions,
} from '../options.js';

interface DeleteOptions extends RefOptions {
  readonly filter?: string;
  readonly yes?: boolean;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
}

interface Deleted {
  readonly matched: number;
  readonly deleted: number;
  readonly ids: readonly string[];
  readonly dry_run: boolean;
  readonly receipt_id: string | null;
}

export function deleteCommand(program: Command, io: CliIo): void {
  const command = program
    .command('delete')
    .description('delete a memory and its links, or all that match a filter');
  withRef(command)
    .addOption(filterOption())
    .option('-y, --yes', 'with --filter: really delete; without it they are only counted')
    .addOption(ifMatchOption())
    .addOption(idempotencyKeyOption());
  onRun<DeleteOptions>(command, io, (session, options, args) =>
    options.filter === undefined
      ? deleteOne(session, options, args)
      : deleteMatching(session, options, args),
  );
  withExamples(command, [
    'soma delete 1.0,2.0,3.0',
    `soma delete --filter '{"tags":"scratch"}' --namespace diary`,
    `soma delete --filter '{"tags":"scratch"}' --namespace diary --yes`,
  ]);
}

async function deleteOne(
  session: CliSession,
  options: DeleteOptions,
  args: readonly string[],
): Promise<void> {
  const path = pathOfRef(refOf(options, args));
  const { namespace, ifMatch, idempotencyKey } = options;
  const api = await session.api();
  const reply = await api.send<undefined>({
    method: 'DELETE',
    path,
    query: { namespace },
    ifMatch: etagOf(ifMatch),
    idempotencyKey,
  });
  session.show(reply, () => session.print('1 deleted\n'), { deleted: 1 });
}

async function deleteMatching(
  session: CliSession,
  options: DeleteOptions,
  args: readonly string[],
): Promise<void> {
  const { coord, id, ifMatch, filter, namespace, yes, idempotencyKey } = options;
  if (args.length > 0 || [coord, id, ifMatch].some((value) => value !== undefined)) {
    throw usageError('--filter does not go with one memory (coordinate, --id or --if-match).');
  }
  const body = jsonObject({
    namespace,
    filter: await session.json('--filter', filter),
    dry_run: yes !== true,
  });
  const api = await session.api();
  const reply = await api.send<Deleted>({
    method: 'POST',
    path: '/memories/delete',
    body,
    idempotencyKey,
  });
  session.show(reply, ({ matched, deleted, dry_run, receipt_id }) => {
    session.print(dry_run ? `${matched} match, none deleted\n` : `${deleted} deleted\n`);
    if (dry_run) session.note('Delete them with the same command and --yes.');
    if (receipt_id) session.note(`Receipt: soma deletions get ${receipt_id}`);
  });
}
