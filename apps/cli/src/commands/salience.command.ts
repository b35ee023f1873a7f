import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { pathOfRef, refOf, withRef, type RefOptions } from '../options.js';

interface Salience {
  readonly salience: number;
  readonly at: string;
  readonly parts: Readonly<Record<string, number | boolean | null>>;
  readonly memory_type: string;
  readonly tier: number;
  readonly pinned: boolean;
  readonly held: boolean;
}

export function salienceCommand(program: Command, io: CliIo): void {
  const command = program
    .command('salience')
    .description('importance of a memory at a moment, and what it is computed from')
    .option('--at <time>', 'of this moment, past or ahead; without it of now');
  withRef(command);
  onRun<RefOptions & { at?: string }>(command, io, async (session, options, args) => {
    const { namespace, at } = options;
    const path = `${pathOfRef(refOf(options, args))}/salience`;
    const api = await session.api();
    const reply = await api.send<Salience>({ path, query: { namespace, at } });
    session.show(reply, ({ salience, parts, ...rest }) =>
      session.details([
        ['salience', salience.toFixed(4)],
        ['at', rest.at],
        ...Object.entries(parts).map(([name, value]): [string, string] => [name, String(value)]),
        ['memory_type', rest.memory_type],
        ['tier', String(rest.tier)],
        ['pinned', String(rest.pinned)],
        ['held', String(rest.held)],
      ]),
    );
  });
  withExamples(command, [
    'soma salience 1.0,2.0,3.0',
    'soma salience 1.0,2.0,3.0 --at 2027-06-01T00:00:00Z --json',
  ]);
}
