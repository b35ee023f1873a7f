import type { Command } from 'commander';
import { namespaceOption } from '../options.js';

export interface EndsOptions {
  readonly from: string;
  readonly to: string;
  readonly namespace?: string;
}

/** `--from` and `--to`, each a coordinate or an id. */
export function withEnds(command: Command): Command {
  return command
    .requiredOption('--from <memory>', 'where it begins: a coordinate or an id')
    .requiredOption('--to <memory>', 'where it ends: a coordinate or an id')
    .addOption(namespaceOption());
}
