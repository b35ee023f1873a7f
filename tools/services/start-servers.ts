import { isAlive } from './process-table.ts';
import { logProgress, secondsSince } from './progress.ts';
import { waitUntilReady } from './readiness.ts';
import { serverDefinition } from './server-catalogue.ts';
import type { ServerContext, ServerName } from './server-definition.ts';
import { createInstance } from './server-instance.ts';
import { spawnServer } from './server-process.ts';
import type { StateFile } from './state-file.ts';
import { stopServer } from './stop-servers.ts';

export interface StartSettings {
  readonly cacheDir: string;
}

/**
 * Starts all of them at the same time and returns those that were not running before. When one
 * fails, those this call has started are stopped again and the error names the one that failed.
 */
export async function startServers(
  names: readonly ServerName[],
  state: StateFile,
  settings: StartSettings,
  abort: AbortSignal,
): Promise<ServerName[]> {
  const failure = new AbortController();
  const both = AbortSignal.any([abort, failure.signal]);
  const problems: Error[] = [];
  const started: ServerName[] = [];
  const attempts = names.map(async (name) => {
    const log = (message: string): void => {
      logProgress(name, message);
    };
    try {
      if (await startServer(name, state, { ...settings, abort: both, log })) {
        started.push(name);
      }
    } catch (cause) {
      // What fails after the first failure was only told to give up.
      if (!both.aborted) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        problems.push(new Error(`${name} failed: ${reason}`, { cause }));
        failure.abort();
      }
    }
  });
  await Promise.all(attempts);
  if (both.aborted) {
    await Promise.all(started.map((name) => stopServer(name, state, { keepData: false })));
    throw problems[0] ?? new Error('interrupted while starting');
  }
  return started;
}

/** False when it was running already. A failed start leaves no process, and no half-made data. */
async function startServer(
  name: ServerName,
  state: StateFile,
  context: ServerContext,
): Promise<boolean> {
  const definition = serverDefinition(name);
  const known = state.servers()[name];
  if (known?.process && isAlive(known.process)) {
    const version = await waitUntilReady(definition, known.instance, known.process, context.abort);
    context.log(`already running: ${version} on port ${String(known.instance.port)}`);
    return false;
  }
  await definition.install(context);
  const starting = performance.now();
  try {
    const instance = known?.instance ?? (await createInstance(definition, state.dir, context));
    context.abort.throwIfAborted();
    const launch = await definition.launch(instance, context);
    const process = await spawnServer(launch, instance.logFile);
    state.put(name, { instance, process });
    const version = await waitUntilReady(definition, instance, process, context.abort);
    const how = known ? 'ready again on its old port' : 'ready';
    context.log(`${how} (${secondsSince(starting)}): ${version} on port ${String(instance.port)}`);
    return true;
  } catch (error) {
    await stopServer(name, state, { keepData: known !== undefined });
    throw error;
  }
}
