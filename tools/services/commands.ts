import type { CliOptions } from './cli-options.ts';
import { runCommand } from './command-runner.ts';
import { withMachineLock } from './machine-lock.ts';
import { logProgress, secondsSince } from './progress.ts';
import type { ServerName } from './server-definition.ts';
import { reportServers, serverEnvironment } from './server-report.ts';
import { startServers } from './start-servers.ts';
import { StateFile } from './state-file.ts';
import { killServer, stopServer } from './stop-servers.ts';

const NEVER = new AbortController().signal;

/** Every command returns the exit code. */
type Command = (options: CliOptions, abort: AbortSignal) => Promise<number>;

export const COMMANDS: Readonly<Record<string, Command>> = {
  async start(options, abort) {
    await startWanted(options, abort);
    return 0;
  },

  async stop(options) {
    const state = new StateFile(options.dir);
    await stopAll(options.only ?? state.names(), options);
    return 0;
  },

  async kill(options, abort) {
    if (options.named.length === 0) {
      throw new Error('kill which server? For example: kill milvus');
    }
    const state = new StateFile(options.dir);
    await withMachineLock(options.dir, abort, async () => {
      await Promise.all(options.named.map((name) => killServer(name, state)));
    });
    return 0;
  },

  async status(options) {
    const reports = await reportServers(new StateFile(options.dir));
    const lines = reports.map((r) =>
      [r.name.padEnd(12), r.state.padEnd(10), `port ${String(r.port)}`, r.pid ?? '-', r.detail]
        .join('  ')
        .trimEnd(),
    );
    const table = lines.length > 0 ? lines.join('\n') : `nothing was started in ${options.dir}`;
    process.stdout.write(`${options.json ? JSON.stringify(reports, null, 2) : table}\n`);
    return reports.every((r) => r.state === 'answering') ? 0 : 1;
  },

  env(options) {
    for (const [key, value] of Object.entries(serverEnvironment(new StateFile(options.dir)))) {
      process.stdout.write(`export ${key}='${value.replaceAll("'", "'\\''")}'\n`);
    }
    return Promise.resolve(0);
  },

  async run(options, abort) {
    if (options.command.length === 0) {
      throw new Error('run what? For example: run --only redis -- npm test');
    }
    const started = await startWanted(options, abort);
    try {
      // A signal may have come between the start and the moment it would be passed on.
      abort.throwIfAborted();
      return await runCommand(options.command, serverEnvironment(new StateFile(options.dir)));
    } finally {
      // What somebody else had running stays running.
      await stopAll(started, options);
    }
  },
};

async function startWanted(options: CliOptions, abort: AbortSignal): Promise<ServerName[]> {
  const begin = performance.now();
  const state = new StateFile(options.dir);
  const started = await withMachineLock(options.dir, abort, () =>
    startServers(options.wanted, state, options, abort),
  );
  logProgress('services', `all ready (${secondsSince(begin)}) in ${options.dir}`);
  return started;
}

/** Not interruptible: servers left behind would be worse than waiting for them. */
async function stopAll(names: readonly ServerName[], options: CliOptions): Promise<void> {
  const state = new StateFile(options.dir);
  await withMachineLock(options.dir, NEVER, async () => {
    await Promise.all(names.map((name) => stopServer(name, state, options)));
  });
}
