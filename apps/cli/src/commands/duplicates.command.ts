import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { decimal, namespaceOption } from '../options.js';
import { ProgressBar } from '../output/progress-bar.js';
import { steps } from '../steps.js';

interface DuplicatesOptions {
  readonly yes?: boolean;
  readonly namespace?: string;
  readonly minCosine?: number;
  readonly minWords?: number;
  readonly since?: string;
}

interface Shown {
  readonly id: string;
  readonly coordinate: string;
  readonly content: string;
}

interface Member extends Shown {
  readonly cosine: number;
  readonly shared_words: number;
}

interface Cluster {
  readonly kept: Shown;
  readonly members: readonly Member[];
}

interface Step {
  readonly looked_at: number;
  readonly looked_up_to: string | null;
  readonly clusters: readonly Cluster[];
  readonly next_cursor: string | null;
}

const LIMIT = 100;

export function duplicatesCommand(program: Command, io: CliIo): void {
  const command = program
    .command('duplicates')
    .description('find memories that say the same; with --yes merge them')
    .option('-y, --yes', 'really merge; without it nothing is changed')
    .option('--min-cosine <0..1>', 'least likeness of vectors (the API uses 0.92)', decimal)
    .option('--min-words <0..1>', 'least share of words in common (the API uses 0.7)', decimal)
    .option('--since <time>', 'only duplicates of what changed since: looked_up_to of a run before')
    .addOption(namespaceOption());
  onRun<DuplicatesOptions>(command, io, async (session, options) => {
    const { yes = false, namespace, minCosine, minWords, since } = options;
    const api = await session.api();
    const progress = new ProgressBar(session.io.stderr);
    const total = { dry_run: !yes, looked_at: 0, looked_up_to: since ?? null };
    const into = new Map<string, { kept: Shown; member: Member }>();
    const body = {
      dry_run: !yes,
      namespace,
      min_cosine: minCosine,
      min_words: minWords,
      since,
      limit: LIMIT,
    };
    for await (const step of steps<Step>(api, '/hierarchy/duplicates', body)) {
      total.looked_at += step.looked_at;
      total.looked_up_to = step.looked_up_to ?? total.looked_up_to;
      for (const { kept, members } of step.clusters) {
        for (const member of members) into.set(member.id, { kept, member });
      }
      progress.draw(0, `${total.looked_at} looked at, ${into.size} duplicates`);
    }
    progress.clear();
    const clusters = clustersOf([...into.values()]);
    session.showValue({ ...total, merged: into.size, clusters }, () => {
      session.table(
        [
          { title: 'ID', value: ({ member }) => member.id },
          { title: 'INTO', value: ({ kept }) => kept.id },
          { title: 'COSINE', value: ({ member }) => member.cosine.toFixed(3) },
          { title: 'WORDS', value: ({ member }) => member.shared_words.toFixed(2) },
          { title: 'CONTENT', value: ({ member }) => member.content },
        ],
        [...into.values()],
      );
      session.note(
        `${into.size} of ${total.looked_at} memories ${yes ? 'were' : 'would be'} merged into others` +
          (yes && into.size > 0 ? '; soma unmerge <id> puts one back' : ''),
      );
    });
  });
  withExamples(command, [
    'soma duplicates --namespace diary',
    'soma duplicates --min-cosine 0.97 --min-words 0.9 --json',
    'soma duplicates --yes',
  ]);
}

/** What several steps say of one memory, in one place. */
function clustersOf(
  pairs: readonly { readonly kept: Shown; readonly member: Member }[],
): Cluster[] {
  return [...Map.groupBy(pairs, ({ kept }) => kept.id).values()].flatMap((of) =>
    of[0] ? [{ kept: of[0].kept, members: of.map(({ member }) => member) }] : [],
  );
}
