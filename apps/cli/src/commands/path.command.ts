import { Option, type Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import type { Link, Memory } from '../memory.js';
import { decimals } from '../output/memory-view.js';
import { endpoint, linkTypeOption, wholeNumber } from '../options.js';
import { withEnds, type EndsOptions } from './link-ends.js';

interface PathOptions extends EndsOptions {
  readonly linkType?: string;
  readonly maxLength?: number;
  readonly weight?: string;
}

interface FoundPath {
  readonly found: boolean;
  readonly length: number | null;
  readonly strength: number | null;
  readonly memories: readonly Memory[];
  readonly links: readonly Link[];
  readonly truncated?: boolean;
}

interface Step {
  readonly memory: Memory;
  readonly link?: Link;
}

export function pathCommand(program: Command, io: CliIo): void {
  const command = program
    .command('path')
    .description('find how one memory leads to another: fewest links, or the strongest chain');
  withEnds(command)
    .addOption(linkTypeOption('only along links of this type'))
    .option('--depth, --max-length <n>', 'at most so many links', wholeNumber)
    .addOption(new Option('--weight <weight>', 'what makes it best').choices(['hops', 'strength']));
  onRun<PathOptions>(command, io, async (session, options) => {
    const api = await session.api();
    const reply = await api.send<FoundPath>({
      path: '/graph/path',
      query: {
        ...endpoint('from', options.from),
        ...endpoint('to', options.to),
        namespace: options.namespace,
        link_type: options.linkType,
        max_length: options.maxLength,
        weight: options.weight,
      },
    });
    session.show(reply, ({ found, length, strength, memories, links, truncated }) => {
      if (truncated) session.warn('the graph is too big to search all of it; narrow it down');
      if (!found) {
        session.note('No path. A longer one may be found with --max-length.');
        return;
      }
      session.table<Step>(
        [
          { title: 'LINK', value: ({ link }) => link && `→ ${link.link_type}` },
          { title: 'STRENGTH', value: ({ link }) => link?.strength, align: 'right' },
          { title: 'COORDINATE', value: ({ memory }) => memory.coordinate },
          { title: 'TYPE', value: ({ memory }) => memory.memory_type },
          { title: 'CONTENT', value: ({ memory }) => memory.content },
        ],
        memories.map((memory, at) => ({ memory, link: links[at - 1] })),
      );
      session.note(
        `${length} ${length === 1 ? 'link' : 'links'}, strength ${decimals(strength ?? 0, 3)}`,
      );
    });
  });
  withExamples(command, [
    'soma path --from 1.0,2.0,3.0 --to 7.0,8.0,9.0',
    'soma path --from 1.0,2.0,3.0 --to 7.0,8.0,9.0 --link-type causes --weight strength --max-length 4',
  ]);
}
