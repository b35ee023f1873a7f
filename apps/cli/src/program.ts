import { Command, Option } from 'commander';
import type { CliIo } from './cli-io.js';
import { adminCommand } from './commands/admin.command.js';
import { contextCommand } from './commands/context.command.js';
import { consolidateCommand } from './commands/consolidate.command.js';
import { archiveCommand } from './commands/archive.command.js';
import { duplicatesCommand } from './commands/duplicates.command.js';
import { decayCommand } from './commands/decay.command.js';
import { deleteCommand } from './commands/delete.command.js';
import { deletionsCommand } from './commands/deletions.command.js';
import { evalCommand } from './commands/eval.command.js';
import { exportCommand } from './commands/export.command.js';
import { feedbackCommand } from './commands/feedback.command.js';
import { getCommand } from './commands/get.command.js';
import { healthCommand } from './commands/health.command.js';
import { hierarchyCommand } from './commands/hierarchy.command.js';
import { importCommand } from './commands/import.command.js';
import { linkCommand } from './commands/link.command.js';
import { listCommand } from './commands/list.command.js';
import { lockCommand } from './commands/lock.command.js';
import { loginCommand, logoutCommand } from './commands/login.command.js';
import { namespacesCommand } from './commands/namespaces.command.js';
import { neighborsCommand } from './commands/neighbors.command.js';
import { pathCommand } from './commands/path.command.js';
import { recallCommand } from './commands/recall.command.js';
import { reflectCommand, summarizeCommand } from './commands/reflect.command.js';
import { salienceCommand } from './commands/salience.command.js';
import { statsCommand } from './commands/stats.command.js';
import { storeCommand } from './commands/store.command.js';
import { tenantsCommand } from './commands/tenants.command.js';
import { tokensCommand } from './commands/tokens.command.js';
import { sourcesCommand, treeCommand } from './commands/tree.command.js';
import { unlinkCommand } from './commands/unlink.command.js';
import { unmergeCommand } from './commands/unmerge.command.js';
import { updateCommand } from './commands/update.command.js';
import { versionsCommand } from './commands/versions.command.js';
import { EXIT_MEANINGS } from './exit-codes.js';
import { seconds } from './options.js';

const COMMANDS = [
  storeCommand,
  recallCommand,
  contextCommand,
  evalCommand,
  getCommand,
  updateCommand,
  versionsCommand,
  deleteCommand,
  listCommand,
  exportCommand,
  importCommand,
  linkCommand,
  unlinkCommand,
  neighborsCommand,
  pathCommand,
  consolidateCommand,
  treeCommand,
  sourcesCommand,
  hierarchyCommand,
  reflectCommand,
  summarizeCommand,
  namespacesCommand,
  deletionsCommand,
  salienceCommand,
  feedbackCommand,
  decayCommand,
  archiveCommand,
  duplicatesCommand,
  unmergeCommand,
  lockCommand,
  statsCommand,
  healthCommand,
  tenantsCommand,
  tokensCommand,
  adminCommand,
  loginCommand,
  logoutCommand,
] as const;

const HELP_WIDTH = 100;

const exitCodes = EXIT_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}\n`).join('');

/** The whole command line: every command with its flags. */
export function createProgram(io: CliIo, version: string): Command {
  const program = new Command('soma')
    .description('Store, recall and link memories of a SomaFractalMemory service.')
    .version(version)
    .addOption(new Option('--url <url>', 'address of the service (SOMA_URL)'))
    .addOption(
      new Option('--token <token>', 'bearer token (SOMA_TOKEN; SOMA_ADMIN_TOKEN for admin)'),
    )
    .addOption(new Option('--profile <name>', 'profile kept by `soma login` (SOMA_PROFILE)'))
    .addOption(
      new Option(
        '--timeout <seconds>',
        'longest wait for one request (default: 30, for long admin work 3600)',
      ).argParser(seconds),
    )
    .option('--json', 'the JSON of the API on stdout, errors as JSON on stderr')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => io.stderr.columns ?? HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .helpCommand(false);
  for (const register of COMMANDS) register(program, io);
  return program.addHelpText(
    'after',
    `\nExit codes:\n${exitCodes}\nExamples:\n` +
      '  $ soma store --content "Ada prefers tea"\n' +
      '  $ soma recall "what does Ada drink?"\n' +
      '  $ soma <command> --help\n',
  );
}
