import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { ProgressBar } from '../output/progress-bar.js';

const ID = '0198c1f0-0000-7000-8000-000000000002';

interface Merged {
  readonly id: string;
  readonly coordinate: string;
  readonly content: string;
  readonly cosine: number;
  readonly merged_at: string;
}

interface Unmerged {
  readonly id: string;
  readonly unmerged: readonly { readonly id: string }[];
  readonly remaining: boolean;
}

interface UnmergeOptions {
  readonly coord?: string;
  readonly list?: boolean;
}

/** Asks again until all are back: one request puts back so many only. */
export function unmergeCommand(program: Command, io: CliIo): void {
  const command = program
    .command('unmerge')
    .description('put back a merged memory as it was, or all that a memory stands for')
    .argument('<id>', 'of the merged memory, or of the one that was kept')
    .option('-c, --coord <numbers>', 'where to, if another memory has its coordinate by now')
    .option('--list', 'only list what the memory stands for');
  onRun<UnmergeOptions>(command, io, async (session, { coord, list }, [id = '']) => {
    const api = await session.api();
    const path = `/memories/${encodeURIComponent(id)}`;
    if (list === true) {
      const reply = await api.send<{ merged: readonly Merged[]; next_cursor: string | null }>({
        path: `${path}/merged`,
        query: { limit: 200 },
      });
      session.show(reply, ({ merged, next_cursor: next }) => {
        session.table(
          [
            { title: 'ID', value: (row) => row.id },
            { title: 'COORDINATE', value: (row) => row.coordinate },
            { title: 'COSINE', value: ({ cosine }) => cosine.toFixed(3) },
            { title: 'MERGED', value: (row) => row.merged_at },
            { title: 'CONTENT', value: ({ content }) => content },
          ],
          merged,
        );
        if (next !== null) session.note('There are more than these.');
      });
      return;
    }
    const progress = new ProgressBar(session.io.stderr);
    const unmerged: { readonly id: string }[] = [];
    let last: Unmerged;
    do {
      const body = jsonObject({ coord });
      last = (await api.send<Unmerged>({ method: 'POST', path: `${path}/unmerge`, body })).body;
      unmerged.push(...last.unmerged);
      progress.draw(0, `${unmerged.length} put back`);
      // Of a merged memory named by its id there is nothing more to put back.
    } while (last.remaining && last.id === id.toLowerCase());
    progress.clear();
    session.showValue({ id: last.id, unmerged }, () => {
      session.table([{ title: 'ID', value: (row) => row.id }], unmerged);
      session.note(`${unmerged.length} memories are back as they were.`);
    });
  });
  withExamples(command, [`soma unmerge ${ID}`, `soma unmerge ${ID} --list --json`]);
}
