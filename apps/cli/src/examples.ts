import type { Command } from 'commander';

const examples = new WeakMap<Command, readonly string[]>();

/** Examples stand at the end of the command's help and in docs/cli.md. */
export function withExamples(command: Command, lines: readonly string[]): void {
  examples.set(command, lines);
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`);
}

export const examplesOf = (command: Command): readonly string[] => examples.get(command) ?? [];
