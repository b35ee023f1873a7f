import { Option, type Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import type { Link, Memory } from '../memory.js';
import {
  limitOption,
  linkTypeOption,
  refOf,
  wholeNumber,
  withRef,
  type RefOptions,
} from '../options.js';

interface NeighborsOptions extends RefOptions {
  readonly linkType?: string;
  readonly direction?: string;
  readonly depth?: number;
  readonly limit?: number;
}

interface Neighbor {
  readonly memory: Memory;
  readonly depth: number;
  readonly link: Link;
}

export function neighborsCommand(program: Command, io: CliIo): void {
  const command = program
    .command('neighbors')
    .description('show the memories linked to one, near ones first');
  withRef(command)
    .addOption(linkTypeOption('only along links of this type'))
    .addOption(
      new Option('--direction <direction>', 'which way along the links').choices([
        'out',
        'in',
        'both',
      ]),
    )
    .option('--depth <n>', 'how many links away at most, 1 to 6', wholeNumber)
    .addOption(limitOption());
  onRun<NeighborsOptions>(command, io, async (session, options, args) => {
    const { namespace, linkType, direction, depth, limit } = options;
    const api = await session.api();
    const reply = await api.send<{ neighbors: readonly Neighbor[]; truncated: boolean }>({
      path: '/graph/neighbors',
      query: {
        ...refOf(options, args),
        namespace,
        link_type: linkType,
        direction,
        depth,
        limit,
      },
    });
    session.show(reply, ({ neighbors, truncated }) => {
      session.table(
        [
          { title: 'DEPTH', value: (neighbor) => neighbor.depth, align: 'right' },
          { title: 'LINK', value: linkText },
          { title: 'STRENGTH', value: ({ link }) => link.strength, align: 'right' },
          { title: 'COORDINATE', value: ({ memory }) => memory.coordinate },
          { title: 'TYPE', value: ({ memory }) => memory.memory_type },
          { title: 'CONTENT', value: ({ memory }) => memory.content },
        ],
        neighbors,
      );
      if (truncated) session.warn('there are more neighbours; raise --limit');
    });
  });
  withExamples(command, [
    'soma neighbors 1.0,2.0,3.0',
    'soma neighbors 1.0,2.0,3.0 --link-type causes --direction out --depth 3 --limit 20',
  ]);
}

/** The arrow shows which way the link points as one walks to this neighbour. */
const linkText = ({ link, memory }: Neighbor): string =>
  `${link.to_id === memory.id ? '→' : '←'} ${link.link_type}`;
