import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CliError, usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { drawTree } from '../drawing/draw-tree.js';
import type { DrawnNode } from '../drawing/tree-layout.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-codes.js';
import { limitOption, namespaceOption, wholeNumber } from '../options.js';

interface DrawOptions {
  readonly namespace?: string;
  readonly root?: string;
  readonly depth: number;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly out?: string;
  readonly force?: boolean;
}

interface Tree {
  readonly nodes: readonly DrawnNode[];
  readonly truncated: boolean;
  readonly next_cursor: string | null;
}

const DEEPEST = 12;

export function hierarchyCommand(program: Command, io: CliIo): void {
  const hierarchy = program.command('hierarchy').description('draw the hierarchy of memories');
  const draw = hierarchy
    .command('draw')
    .description('draw the hierarchy as an SVG: tiers as rows, time from left to right')
    .addOption(namespaceOption())
    .option('--root <uuid>', 'the node to start from')
    .option('--depth <n>', 'steps below each root, 0 to 12', wholeNumber, DEEPEST)
    .option('--from <time>', 'only roots that end then or later')
    .option('--to <time>', 'only roots that begin then or earlier')
    .addOption(limitOption())
    .option('--out <file>', 'write it to a file; else to standard output')
    .option('--force', 'replace a file that is there');
  onRun<DrawOptions>(draw, io, async (session, { out, force, ...query }) => {
    const api = await session.api();
    const { body } = await api.send<Tree>({ path: '/hierarchy/tree', query });
    if (body.nodes.length === 0) session.warn('there is no hierarchy to draw; soma consolidate');
    if (body.truncated) session.warn('more stands below; start from a node with --root');
    if (body.next_cursor) session.warn('there are more roots; ask for a time with --from and --to');
    const svg = drawTree(body.nodes);
    if (out === undefined) {
      session.showValue({ svg, nodes: body.nodes.length }, () => session.print(svg));
      return;
    }
    const file = session.path(out);
    await write(file, svg, force ?? false);
    session.showValue({ file, nodes: body.nodes.length }, ({ nodes }) =>
      session.print(`${nodes} memories in ${file}\n`),
    );
  });
  withExamples(draw, [
    'soma hierarchy draw --out tree.svg',
    'soma hierarchy draw --namespace support --from 2026-01-01T00:00:00Z --depth 3 > january.svg',
  ]);
}

async function write(file: string, svg: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, svg, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EEXIST') throw usageError(`${file} is there already; --force replaces it.`);
    throw new CliError({
      exitCode: EXIT.USAGE,
      code: 'FILE_UNWRITABLE',
      detail: `Cannot write ${file}: ${String(error.code)}.`,
      hint: 'Choose another place with --out.',
    });
  }
}
