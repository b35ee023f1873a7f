import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { isAlive } from './process-table.ts';
import type { ProcessIdentity } from './process-table.ts';
import { lastLines } from './run-program.ts';
import type { Instance, ServerDefinition } from './server-definition.ts';

const READY_TIMEOUT_MS = 120_000;
const RETRY_MS = 100;
const TAIL_BYTES = 16_384;

/** Returns the server's version once it answers; otherwise fails with the tail of its log. */
export async function waitUntilReady(
  definition: ServerDefinition,
  instance: Instance,
  process: ProcessIdentity,
  abort: AbortSignal,
): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let lastAnswer = 'no answer';
  while (Date.now() < deadline) {
    abort.throwIfAborted();
    if (!isAlive(process)) {
      throw new Error(describeFailure('ended before it was ready', instance, lastAnswer));
    }
    try {
      return await definition.ask(instance);
    } catch (error) {
      lastAnswer = error instanceof Error ? error.message : String(error);
    }
    await sleep(RETRY_MS, undefined, { signal: abort });
  }
  const what = `was not ready after ${String(READY_TIMEOUT_MS / 1000)} s`;
  throw new Error(describeFailure(what, instance, lastAnswer));
}

function describeFailure(what: string, instance: Instance, lastAnswer: string): string {
  const tail = lastLines(readTail(instance.logFile));
  return `${what} (${lastAnswer}); the end of ${instance.logFile}:\n${tail}`;
}

function readTail(path: string): string {
  if (!existsSync(path)) {
    return '(there is no log)';
  }
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(file);
  }
}
