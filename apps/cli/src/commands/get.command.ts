import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import type { Memory } from '../memory.js';
import { memoryDetails } from '../output/memory-view.js';
import { knownAtOption, pathOfRef, refOf, withRef, type RefOptions } from '../options.js';

export function getCommand(program: Command, io: CliIo): void {
  const command = program
    .command('get')
    .description('read one memory in full (counts as an access)');
  withRef(command).addOption(knownAtOption());
  onRun<RefOptions & { readonly knownAt?: string }>(command, io, async (session, options, args) => {
    const path = pathOfRef(refOf(options, args));
    const api = await session.api();
    const query = { namespace: options.namespace, known_at: options.knownAt };
    const reply = await api.send<Memory>({ path, query });
    session.show(reply, (memory) => session.details(memoryDetails(memory)));
  });
  withExamples(command, [
    'soma get 1.0,2.0,3.0',
    'soma get 1.0,2.0,3.0 --known-at 2026-01-31T12:00:00Z',
    'soma get --coord -1.5,2 --namespace diary --json',
  ]);
}
