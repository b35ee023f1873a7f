import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keeps a second process out of an embedded database, which it would damage. A lock left by a
 * process that is gone is taken over.
 * @returns what gives the lock back.
 */
export function lockDataFolder(dataDir: string): () => void {
  const path = join(dataDir, 'lock');
  const holder = readHolder(path);
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
    throw inUse(dataDir, holder);
  }
  if (existsSync(path)) rmSync(path);
  try {
    // Of two processes that begin at once, one finds the other's file and fails.
    writeFileSync(path, String(process.pid), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw existsSync(path) ? inUse(dataDir, readHolder(path)) : error;
  }
  return () => rmSync(path, { force: true });
}

function inUse(dataDir: string, holder: number | undefined): Error {
  return new Error(
    `The data folder ${dataDir} is in use by process ${holder ?? '?'}. Stop that one, or ` +
      'choose another folder with SOMA_DATA_DIR.',
  );
}

function readHolder(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
