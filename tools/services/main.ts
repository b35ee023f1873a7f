import { parseOptions } from './cli-options.ts';
import { COMMANDS } from './commands.ts';

const USAGE = `Real servers for integration tests, without containers.

  node tools/services/main.ts start  [--only a,b] [--with c]
                              run    [--only a,b] [--with c] -- COMMAND...
                              stop   [--only a,b] [--keep-data]
                              kill   NAME
                              status [--json]
                              env

  --dir DIR  state, data and logs (default SOMA_SERVICES_DIR, then .services)
`;

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  const command = COMMANDS[options.action];
  if (command === undefined) {
    process.stderr.write(USAGE);
    return options.action === 'help' ? 0 : 2;
  }
  const interruption = new AbortController();
  for (const signal of INTERRUPTIONS) {
    process.on(signal, () => {
      interruption.abort(new Error(`interrupted by ${signal}`));
    });
  }
  return command(options, interruption.signal);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
