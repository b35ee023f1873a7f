import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { Memory } from '../memory.js';
import { memoryDetails } from '../output/memory-view.js';
import { idempotencyKeyOption, limitOption, namespaceOption } from '../options.js';

const ID = '0198c1f0-0000-7000-8000-000000000002';

interface Archived {
  readonly id: string;
  readonly namespace: string;
  readonly coordinate: string | null;
  readonly content: string | null;
  readonly payload_keys: readonly string[];
  readonly metadata_keys: readonly string[];
  readonly archived_at: string;
  readonly purge_at: string;
}

interface ListOptions {
  readonly kind?: string;
  readonly namespace?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export function archiveCommand(program: Command, io: CliIo): void {
  const archive = program
    .command('archive')
    .description('what decayed: look at it, bring it back, delete it')
    .helpCommand(false);
  listCommand(archive, io);
  restoreCommand(archive, io);
  const command = archive
    .command('delete')
    .description('delete an archived memory for good')
    .argument('<id>', 'its id');
  onRun(command, io, async (session, _options, [id = '']) => {
    const api = await session.api();
    const path = `/hierarchy/archive/${encodeURIComponent(id)}`;
    const reply = await api.send<object>({ method: 'DELETE', path });
    session.show(reply, () => session.print('deleted\n'), { deleted: 1 });
  });
  withExamples(command, [`soma archive delete ${ID}`]);
}

function listCommand(archive: Command, io: CliIo): void {
  const command = archive
    .command('list')
    .description('list what can be restored, latest first')
    .addOption(
      new Option('--kind <kind>', 'whole memories, or keys of memories').choices([
        'memory',
        'fields',
      ]),
    )
    .addOption(namespaceOption())
    .addOption(limitOption())
    .option('--cursor <cursor>', 'next_cursor of the page before');
  onRun<ListOptions>(command, io, async (session, { kind, namespace, limit, cursor }) => {
    const api = await session.api();
    const query = { kind, namespace, limit, cursor };
    const reply = await api.send<{ archived: Archived[]; next_cursor: string | null }>({
      path: '/hierarchy/archive',
      query,
    });
    session.show(reply, ({ archived, next_cursor: next }) => {
      session.table(
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAMESPACE', value: (row) => row.namespace },
          { title: 'UNTIL', value: (row) => row.purge_at },
          { title: 'WHAT', value: whatIsIt },
        ],
        archived,
      );
      if (next !== null) session.note(`There is more: --cursor ${next}`);
    });
  });
  withExamples(command, ['soma archive list', 'soma archive list --kind fields --json']);
}

function restoreCommand(archive: Command, io: CliIo): void {
  const command = archive
    .command('restore')
    .description('put back a memory as it was, or the keys it lost')
    .argument('<id>', 'its id, as the list shows it')
    .option('-c, --coord <numbers>', 'where to, if another memory has its coordinate by now')
    .addOption(idempotencyKeyOption());
  onRun<{ coord?: string; idempotencyKey?: string }>(
    command,
    io,
    async (session, { coord, idempotencyKey }, [id = '']) => {
      const api = await session.api();
      const reply = await api.send<Memory>({
        method: 'POST',
        path: `/hierarchy/archive/${encodeURIComponent(id)}/restore`,
        body: jsonObject({ coord }),
        idempotencyKey,
      });
      session.show(reply, (memory) => session.details(memoryDetails(memory)));
    },
  );
  withExamples(command, [`soma archive restore ${ID}`, `soma archive restore ${ID} --coord 9,9`]);
}

const whatIsIt = ({ content, payload_keys: payload, metadata_keys: metadata }: Archived): string =>
  content ??
  [...payload.map((key) => `payload.${key}`), ...metadata.map((key) => `metadata.${key}`)].join(
    ', ',
  );
