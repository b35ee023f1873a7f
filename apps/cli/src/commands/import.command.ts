import { Option, type Command } from 'commander';
import { CliError, usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun, type CliSession } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-codes.js';
import { openSource } from '../file-source.js';
import { type ImportCounts, LineImport } from '../line-import.js';
import { ndjsonLines } from '../ndjson.js';
import { namespaceOption, wholeNumber } from '../options.js';
import { printable } from '../output/printable.js';
import { ProgressBar } from '../output/progress-bar.js';

interface ImportOptions {
  readonly namespace?: string;
  readonly onConflict?: string;
  readonly fromLine?: number;
}

export function importCommand(program: Command, io: CliIo): void {
  const command = program
    .command('import')
    .description('store memories and links from a file that `soma export` wrote, or one like it')
    .argument('<file>', 'lines of JSON; - is standard input')
    .addOption(namespaceOption())
    .addOption(
      new Option(
        '--on-conflict <how>',
        'where something is already: leave it (the default), make the next version, or fail the line',
      ).choices(['skip', 'replace', 'fail']),
    )
    .addOption(
      new Option('--from-line <n>', 'pass over the lines before this one').argParser(wholeNumber),
    );
  onRun<ImportOptions>(command, io, async (session, options, [file]) => {
    if (file === undefined) throw usageError('Name a file, or - for standard input.');
    await importFile(session, file, options);
  });
  withExamples(command, [
    'soma import diary.ndjson --namespace diary',
    'soma import diary.ndjson --namespace copy --on-conflict replace',
    'soma export --namespace diary | soma import - --namespace copy',
  ]);
}

/** @throws CliError with exit code 5 when any line failed. */
async function importFile(
  session: CliSession,
  file: string,
  { namespace, onConflict, fromLine = 1 }: ImportOptions,
): Promise<void> {
  const api = await session.api();
  const { chunks, size } = await openSource(session, file);
  const progress = new ProgressBar(session.io.stderr, size);
  const lines = new LineImport(api, {
    query: { namespace, on_conflict: onConflict },
    fromLine,
    onProgress: (bytes, counts) => progress.draw(bytes, inWords(counts)),
    onError: ({ line, code, detail, errors = [] }) => {
      progress.clear();
      const fields = errors.map(({ path, message }) => printable(`${path}: ${message}`)).join('; ');
      const why = `${printable(code)}: ${printable(detail)}`;
      session.note(`line ${line}: ${why}${fields && ` (${fields})`}`);
    },
  });
  const result = await lines.run(ndjsonLines(chunks)).finally(() => progress.clear());
  session.showValue(result, () => session.print(`${inWords(result)}\n`));
  if (result.failed === 0) return;
  throw new CliError({
    exitCode: EXIT.INVALID,
    code: 'IMPORT_LINES_FAILED',
    detail: `${result.failed} of ${result.read} lines failed.`,
    hint: 'Mend those lines and import the file again: what is stored is skipped.',
  });
}

const inWords = ({ stored, replaced, skipped, failed }: ImportCounts): string =>
  `${stored} stored, ${replaced} replaced, ${skipped} skipped, ${failed} failed`;
