import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { identify, isAlive, processTree } from './process-table.ts';
import type { ProcessIdentity } from './process-table.ts';
import type { Launch } from './server-definition.ts';

// A server that has much to give back to a busy machine is gone only after a while.
const KILL_TIMEOUT_MS = 60_000;

/** Starts a server that outlives this program, in a session and process group of its own. */
export async function spawnServer(launch: Launch, logFile: string): Promise<ProcessIdentity> {
  const log = openSync(logFile, 'a');
  try {
    writeSync(log, `--- ${new Date().toISOString()} ${launch.program}\n`);
    const child = spawn(launch.program, launch.args, {
      cwd: launch.cwd,
      env: { ...process.env, ...launch.env },
      detached: true,
      stdio: ['ignore', log, log],
      ...launch.user,
    });
    if (child.pid === undefined) {
      const [error] = (await once(child, 'error')) as [Error];
      throw error;
    }
    child.unref();
    // A server that has already died again has no identity; readiness then tells the story.
    return identify(child.pid) ?? { pid: child.pid, startedAt: 'gone' };
  } finally {
    closeSync(log);
  }
}

/** Asks the group to stop, then kills what is left of the tree. Never touches a reused pid. */
export async function stopTree(
  root: ProcessIdentity,
  signal: NodeJS.Signals,
  patienceMs: number,
): Promise<void> {
  const tree = processTree(root);
  if (tree.length === 0) {
    return;
  }
  sendSignal(-root.pid, signal);
  if (!(await allGone(tree, patienceMs))) {
    await killAll(tree);
  }
}

/** `kill -9` for the whole tree, for tests of what survives it. */
export async function killTree(root: ProcessIdentity): Promise<void> {
  await killAll(processTree(root));
}

async function killAll(tree: readonly ProcessIdentity[]): Promise<void> {
  for (const member of tree.filter(isAlive)) {
    sendSignal(member.pid, 'SIGKILL');
  }
  if (!(await allGone(tree, KILL_TIMEOUT_MS))) {
    throw new Error(`processes ${tree.map((p) => p.pid).join(', ')} survive SIGKILL`);
  }
}

async function allGone(tree: readonly ProcessIdentity[], timeoutMs: number): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    if (!tree.some(isAlive)) {
      return true;
    }
    await sleep(25);
  }
  return false;
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // It has ended in the meantime, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}
