import { CommanderError } from 'commander';
import { CliError, CommandExit, usageError } from './cli-error.js';
import type { CliIo } from './cli-io.js';
import { EXIT } from './exit-codes.js';
import { renderError, renderErrorJson } from './output/error-view.js';
import { styleFor } from './output/style.js';
import { createProgram } from './program.js';
import { readVersion } from './version.js';

const NEGATIVE_COORDINATE = /'(-[\d.][\d.,eE+\- ]*)'/;

/**
 * Runs the command line `argv` (without node and script) and returns its exit code: one of ours, or of
 * the command that it was to run. Never throws.
 */
export async function run(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    await createProgram(io, readVersion()).parseAsync([...argv], { from: 'user' });
    return EXIT.OK;
  } catch (error) {
    if (error instanceof CommandExit) return error.code;
    if (isPrinted(error)) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
    const shown = asCliError(error);
    const text = argv.includes('--json')
      ? renderErrorJson(shown.parts)
      : renderError(shown.parts, styleFor(io.stderr, io.env));
    io.stderr.write(text);
    return shown.parts.exitCode;
  }
}

/** Help or version: what was to be said has been said. */
function isPrinted(error: unknown): error is CommanderError {
  if (!(error instanceof CommanderError)) return false;
  return error.exitCode === 0 || error.code === 'commander.help';
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (!(error instanceof CommanderError)) {
    return new CliError({
      exitCode: EXIT.UNEXPECTED,
      code: 'UNEXPECTED',
      detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      hint: 'This is a fault of the command, or the service is of another version: compare `soma --version` with `soma health`.',
    });
  }
  return usageError(error.message.replace(/^error: /, ''), hintFor(error));
}

function hintFor({ code, message }: CommanderError): string {
  const coordinate = code === 'commander.unknownOption' && NEGATIVE_COORDINATE.exec(message)?.[1];
  return coordinate
    ? `A coordinate that begins with a minus: --coord ${coordinate}`
    : 'See: soma --help, or soma <command> --help';
}
