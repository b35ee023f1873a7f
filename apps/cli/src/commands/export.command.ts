import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { filterOption, namespaceOption, typeOption } from '../options.js';
import { exportToFile, type ExportFileOptions } from './export-file.js';

interface ExportOptions extends ExportFileOptions {
  readonly namespace?: string;
  readonly type?: string;
  readonly tag?: string;
  readonly filter?: string;
  readonly slot?: string;
}

export function exportCommand(program: Command, io: CliIo): void {
  const command = program
    .command('export')
    .description(
      'memories of a namespace and their links, one JSON object a line, for `soma import`',
    )
    .addOption(namespaceOption())
    .addOption(typeOption())
    .option('--tags, --tag <tag>', 'only with this tag')
    .addOption(filterOption())
    .option('--slot <name>', 'only facts of this slot')
    .option('--out <file>', 'where to; without it they are printed')
    .option('--force', 'write over a file of that name')
    .option('--resume', 'go on with an export to that file which was cut off');
  onRun<ExportOptions>(command, io, async (session, options) => {
    const filter = await session.json('--filter', options.filter);
    const { namespace, type, tag, slot } = options;
    const query = { namespace, memory_type: type, tag, filter: filter?.text, slot };
    await exportToFile(session, query, options);
  });
  withExamples(command, [
    'soma export --namespace diary --out diary.ndjson',
    'soma export --namespace diary --out diary.ndjson --resume',
    `soma export --filter '{"tags":"user"}' | jq -r .content`,
  ]);
}
