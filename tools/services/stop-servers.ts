import { rm } from 'node:fs/promises';

import { isAlive } from './process-table.ts';
import { logProgress, secondsSince } from './progress.ts';
import { serverDefinition } from './server-catalogue.ts';
import type { ServerName } from './server-definition.ts';
import { killTree, stopTree } from './server-process.ts';
import type { StateFile } from './state-file.ts';

const PATIENCE_MS = 15_000;
// Milvus with a loaded collection needs longer than anybody waits for data about to be deleted.
const SHORT_PATIENCE_MS = 3_000;

export interface StopOptions {
  /** Keeps the port and the data for the next start; otherwise that start is a fresh one. */
  readonly keepData: boolean;
}

/** Stops a server if it runs. Its log stays, whatever happens to the data. */
export async function stopServer(
  name: ServerName,
  state: StateFile,
  options: StopOptions,
): Promise<void> {
  const known = state.servers()[name];
  if (known === undefined) {
    return;
  }
  if (known.process && isAlive(known.process)) {
    const stopping = performance.now();
    const patienceMs = options.keepData ? PATIENCE_MS : SHORT_PATIENCE_MS;
    await stopTree(known.process, serverDefinition(name).stopSignal, patienceMs);
    logProgress(name, `stopped (${secondsSince(stopping)})`);
  }
  if (options.keepData) {
    state.put(name, { instance: known.instance });
  } else {
    // The last threads of a killed server may write for a moment after it is said to be gone.
    await rm(known.instance.dataDir, { recursive: true, force: true, maxRetries: 10 });
    state.remove(name);
  }
}

/** `kill -9`. `start --only NAME` brings it back on the same port with the same data. */
export async function killServer(name: ServerName, state: StateFile): Promise<void> {
  const process = state.servers()[name]?.process;
  if (process === undefined || !isAlive(process)) {
    throw new Error(`${name} is not running in ${state.dir}`);
  }
  await killTree(process);
  logProgress(name, `killed (pid ${String(process.pid)})`);
}
