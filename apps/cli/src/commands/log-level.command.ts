import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { usageError } from '../cli-error.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { wholeNumber } from '../options.js';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

interface LogLevel {
  readonly level: string;
  readonly configured: string;
  readonly until: string | null;
}

export function logLevelCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('log-level')
    .description('how much the API process that answers logs; with --set, change it')
    .addOption(new Option('--set <level>', 'least severe level from now on').choices(LEVELS))
    .addOption(
      new Option('--for <seconds>', 'with --set: then back to the configured level').argParser(
        wholeNumber,
      ),
    );
  onRun<{ set?: string; for?: number }>(command, io, async (session, options) => {
    if (options.for !== undefined && options.set === undefined) {
      throw usageError('--for needs --set <level>.');
    }
    const api = await session.api('admin');
    const path = '/admin/log-level';
    const body = jsonObject({ level: options.set, for_seconds: options.for });
    const reply = await api.send<LogLevel>(
      options.set === undefined ? { path } : { method: 'PUT', path, body },
    );
    session.show(reply, ({ level, configured, until }) => {
      session.print(`${level}\n`);
      if (until !== null) session.note(`Back to ${configured} at ${until}.`);
      else if (level !== configured) session.note(`Back to ${configured} after a restart.`);
    });
  });
  withExamples(command, ['soma admin log-level', 'soma admin log-level --set debug --for 600']);
}
