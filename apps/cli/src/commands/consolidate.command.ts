import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { namespaceOption, wholeNumber } from '../options.js';

interface ConsolidateOptions {
  readonly namespace?: string;
  readonly window?: number;
}

interface Consolidated {
  readonly namespaces: readonly {
    readonly namespace: string;
    readonly created: number;
    readonly removed: number;
    readonly waiting: number;
  }[];
  readonly created: number;
  readonly removed: number;
  readonly done: boolean;
}

/** Asks again until all is done: one request works for some seconds only. */
export function consolidateCommand(program: Command, io: CliIo): void {
  const command = program
    .command('consolidate')
    .description('roll up what changed into facts and summaries')
    .addOption(namespaceOption())
    .option(
      '--window <seconds>',
      'what changed so long ago at most (the API uses 3600)',
      wholeNumber,
    );
  onRun<ConsolidateOptions>(command, io, async (session, { namespace, window }) => {
    const body = jsonObject({ namespace, window_seconds: window });
    const total = { created: 0, removed: 0 };
    let last: Consolidated;
    const made = new Map<string, { created: number; removed: number; waiting: number }>();
    do {
      const what =
        total.created > 0 ? `consolidating, ${total.created} nodes so far` : 'consolidating';
      const request = { method: 'POST', path: '/hierarchy/consolidate', body } as const;
      last = (await session.sendLong<Consolidated>('tenant', what, request)).body;
      total.created += last.created;
      total.removed += last.removed;
      for (const { namespace: name, created, removed, waiting } of last.namespaces) {
        const before = made.get(name) ?? { created: 0, removed: 0 };
        made.set(name, {
          created: before.created + created,
          removed: before.removed + removed,
          waiting,
        });
      }
    } while (!last.done);
    const namespaces = [...made].map(([name, counts]) => ({ namespace: name, ...counts }));
    session.showValue({ namespaces, ...total, done: true }, () => {
      session.table(
        [
          { title: 'NAMESPACE', value: (row) => row.namespace },
          { title: 'CREATED', value: ({ created }) => created, align: 'right' },
          { title: 'REMOVED', value: ({ removed }) => removed, align: 'right' },
          { title: 'WAITING', value: ({ waiting }) => waiting, align: 'right' },
        ],
        namespaces,
      );
    });
  });
  withExamples(command, [
    'soma consolidate',
    'soma consolidate --namespace support --window 86400 --json',
  ]);
}
