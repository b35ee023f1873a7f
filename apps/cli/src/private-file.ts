import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { CliError } from './cli-error.js';
import { EXIT } from './exit-codes.js';

const OTHERS = 0o077;

/**
 * Reads a file that holds a secret; undefined when there is none.
 * @throws CliError when another user could read it too.
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  });
  if (!found) return undefined;
  if (process.platform !== 'win32' && (found.mode & OTHERS) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw new CliError({
      exitCode: EXIT.REFUSED,
      code: 'SECRET_FILE_EXPOSED',
      detail: `${path} holds a token and has mode ${mode}, so other users can get at it.`,
      hint: `Run: chmod 600 ${path}  (and replace the token if the machine is shared)`,
    });
  }
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
}

/** Writes a secret so that only its owner can read it, and never half of it (mode 600). */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(draft, 0o600);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): CliError {
  return new CliError({
    exitCode: EXIT.USAGE,
    code: 'FILE_UNREADABLE',
    detail: `Cannot read ${path}: ${error.code ?? error.message}.`,
    hint: 'Check that the path is right and that you own the file.',
  });
}
