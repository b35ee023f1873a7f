import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { namespaceOption } from '../options.js';
import { ProgressBar } from '../output/progress-bar.js';
import { steps } from '../steps.js';

interface DecayOptions {
  readonly yes?: boolean;
  readonly at?: string;
  readonly policy?: string;
  readonly namespace?: string;
}

interface Decayed {
  readonly id: string;
  readonly namespace: string;
  readonly coordinate: string;
  readonly action: string;
  readonly salience: number;
  readonly idle_days: number;
  readonly payload_keys: readonly string[];
  readonly metadata_keys: readonly string[];
}

interface Step {
  readonly at: string;
  readonly archived: number;
  readonly fields: number;
  readonly memories: readonly Decayed[];
  readonly next_cursor: string | null;
}

const LIMIT = 500;

export function decayCommand(program: Command, io: CliIo): void {
  const command = program
    .command('decay')
    .description('say what the decay policy would do, on any date; with --yes do it now')
    .option('-y, --yes', 'really do it; without it nothing is changed')
    .option('--at <time>', 'what would be gone on this date')
    .option('--policy <json>', 'under this policy instead: JSON text, @file or - (stdin)')
    .addOption(namespaceOption());
  onRun<DecayOptions>(command, io, async (session, options) => {
    const { yes = false, at, namespace } = options;
    const policy = await session.json('--policy', options.policy);
    const api = await session.api();
    const progress = new ProgressBar(session.io.stderr);
    const total = { dry_run: !yes, at: at ?? '', archived: 0, fields: 0 };
    const memories: Decayed[] = [];
    const body = { dry_run: !yes, at, policy, namespace, limit: LIMIT };
    for await (const step of steps<Step>(api, '/hierarchy/decay', body)) {
      total.at = step.at;
      total.archived += step.archived;
      total.fields += step.fields;
      memories.push(...step.memories);
      progress.draw(0, `${total.archived} archived, ${total.fields} lost keys`);
    }
    progress.clear();
    session.showValue({ ...total, memories }, () => {
      session.table(
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAMESPACE', value: (row) => row.namespace },
          { title: 'COORDINATE', value: ({ coordinate }) => coordinate },
          { title: 'SALIENCE', value: ({ salience }) => salience.toFixed(4) },
          { title: 'IDLE DAYS', value: ({ idle_days: days }) => days.toFixed(1) },
          { title: 'WHAT GOES', value: whatGoes },
        ],
        memories,
      );
      session.note(
        `${total.archived} memories ${yes ? 'went' : 'would go'} to the archive, ` +
          `${total.fields} ${yes ? 'lost' : 'would lose'} keys, as of ${total.at}`,
      );
    });
  });
  withExamples(command, [
    'soma decay --at 2027-06-01T00:00:00Z',
    'soma decay --policy @policy.json --namespace diary --json',
    'soma decay --yes',
  ]);
}

const whatGoes = (row: Decayed): string =>
  row.action === 'archive'
    ? 'all'
    : [
        ...row.payload_keys.map((key) => `payload.${key}`),
        ...row.metadata_keys.map((key) => `metadata.${key}`),
      ].join(', ');
