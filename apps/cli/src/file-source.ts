import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { usageError } from './cli-error.js';
import type { CliSession } from './cli-session.js';

export interface FileSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes, when that is known beforehand. */
  readonly size?: number;
}

/** The bytes of a file, or of standard input for `-`. */
export async function openSource(session: CliSession, file: string): Promise<FileSource> {
  if (file === '-') return { chunks: session.io.stdin };
  const path = session.path(file);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw usageError(`Cannot read ${path}: ${error.code ?? error.message}.`);
  });
  if (found.isDirectory()) throw usageError(`${path} is a folder.`, 'Name a file, or - for stdin.');
  return { chunks: createReadStream(path), size: found.isFile() ? found.size : undefined };
}
