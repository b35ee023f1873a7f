import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import type { Memory } from '../memory.js';
import {
  limitOption,
  namespaceOption,
  pathOfRef,
  refOf,
  type RefOptions,
  wholeNumber,
  withRef,
} from '../options.js';

interface TreeOptions {
  readonly namespace?: string;
  readonly root?: string;
  readonly depth?: number;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface Node {
  readonly memory: Memory;
  readonly from: string;
  readonly to: string;
  readonly episodes: number;
  readonly depth: number;
}

interface Source {
  readonly memory: Memory;
  readonly weight: number;
  readonly depth: number;
}

export function treeCommand(program: Command, io: CliIo): void {
  const command = program
    .command('tree')
    .description('show the hierarchy from the top down')
    .addOption(namespaceOption())
    .option('--root <uuid>', 'the node to start from')
    .option('--depth <n>', 'steps below each root, 0 to 12', wholeNumber)
    .option('--from <time>', 'only roots that end then or later')
    .option('--to <time>', 'only roots that begin then or earlier')
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended');
  onRun<TreeOptions>(command, io, async (session, options) => {
    const { namespace, root, depth, from, to, limit, cursor } = options;
    const api = await session.api();
    const reply = await api.send<{
      nodes: readonly Node[];
      truncated: boolean;
      next_cursor: string | null;
    }>({
      path: '/hierarchy/tree',
      query: { namespace, root, depth, from, to, limit, cursor },
    });
    session.show(reply, ({ nodes, truncated, next_cursor: next }) => {
      session.table(
        [
          { title: 'TIER', value: (node) => '  '.repeat(node.depth) + String(node.memory.tier) },
          { title: 'EPISODES', value: ({ episodes }) => episodes, align: 'right' },
          { title: 'FROM', value: (node) => node.from },
          { title: 'TO', value: (node) => node.to },
          { title: 'ID', value: ({ memory }) => memory.id },
          { title: 'CONTENT', value: ({ memory }) => memory.content },
        ],
        nodes,
      );
      if (truncated) session.warn('more stands below; start from a node with --root');
      if (next) session.note(`More with: --cursor ${next}`);
    });
  });
  withExamples(command, [
    'soma tree --depth 3',
    'soma tree --namespace support --from 2026-01-01T00:00:00Z',
  ]);
}

interface SourcesOptions extends RefOptions {
  readonly direction?: string;
  readonly depth?: number;
  readonly limit?: number;
}

export function sourcesCommand(program: Command, io: CliIo): void {
  const command = program
    .command('sources')
    .description('show what a memory was drawn from, or what was drawn from it');
  withRef(command)
    .addOption(
      new Option('--direction <direction>', 'down to the sources, or up').choices(['down', 'up']),
    )
    .option('--depth <n>', 'how many steps away at most, 1 to 12', wholeNumber)
    .addOption(limitOption());
  onRun<SourcesOptions>(command, io, async (session, options, args) => {
    const { namespace, direction, depth, limit } = options;
    const api = await session.api();
    const reply = await api.send<{ sources: readonly Source[]; truncated: boolean }>({
      path: `${pathOfRef(refOf(options, args))}/sources`,
      query: { namespace, direction, depth, limit },
    });
    session.show(reply, ({ sources, truncated }) => {
      session.table(
        [
          { title: 'DEPTH', value: (source) => source.depth, align: 'right' },
          { title: 'TIER', value: ({ memory }) => memory.tier, align: 'right' },
          { title: 'WEIGHT', value: ({ weight }) => weight.toFixed(3), align: 'right' },
          { title: 'COORDINATE', value: ({ memory }) => memory.coordinate },
          { title: 'CONTENT', value: ({ memory }) => memory.content },
        ],
        sources,
      );
      if (truncated) session.warn('there are more; raise --limit');
    });
  });
  withExamples(command, [
    'soma sources 1.0,2.0,3.0 --direction up --depth 3',
    'soma sources --id c1f0f3a4-8c0e-8d3b-9a57-2f1e6d0b7c11',
  ]);
}
