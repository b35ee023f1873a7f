import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { BackupError } from './backup-error.js';
import type { BackupManifest } from './backup-manifest.js';
import { damaged, FOOTER_BYTES, parseFooter, parseManifest } from './seal.js';

/** Called with the bytes done so far. */
export type OnBytes = (bytes: number) => void;

export interface WriteOptions {
  /** Takes the place of a file of that name. */
  readonly force: boolean;
  readonly onBytes?: OnBytes;
}

/** A backup whose every byte has been compared with its manifest. */
export interface BackupFile {
  readonly path: string;
  readonly manifest: BackupManifest;
  /** The copy without its seal. */
  readonly chunks: (onBytes?: OnBytes) => AsyncIterable<Uint8Array>;
}

/** @throws BackupError FILE_EXISTS, before anything has been done. */
export function assertMayWrite(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new BackupError(
    'FILE_EXISTS',
    `${path} is there already.`,
    'Choose another name, or write over it with --force.',
  );
}

/**
 * Writes a sealed copy for its owner alone (mode 600): beside its name, then read back and compared,
 * then put there whole. Whatever fails leaves no file, and the one that was there as it was.
 * @returns what the file says of itself.
 */
export async function writeBackup(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { force, onBytes }: WriteOptions,
): Promise<BackupManifest> {
  assertMayWrite(path, force);
  const draft = `${path}.${randomUUID()}.part`;
  const file = await open(draft, 'wx', 0o600).catch((error: unknown) => {
    throw notWritten(path, error);
  });
  try {
    await fill(file, path, chunks, onBytes);
    const { manifest } = await readBackup(draft);
    await place(draft, path, force);
    return manifest;
  } finally {
    await rm(draft, { force: true });
  }
}

async function fill(
  file: FileHandle,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: OnBytes = () => {},
): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk).catch((error: unknown) => {
        throw notWritten(path, error);
      });
      bytes += chunk.byteLength;
      onBytes(bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A link, unlike a rename, does not replace what came to be there meanwhile. */
async function place(draft: string, path: string, force: boolean): Promise<void> {
  try {
    await (force ? rename(draft, path) : link(draft, path));
  } catch (error) {
    assertMayWrite(path, force);
    throw notWritten(path, error);
  }
}

/**
 * Reads the manifest, and compares every byte of the copy with it.
 * @throws BackupError BACKUP_NOT_FOUND, BACKUP_DAMAGED or BACKUP_NEWER.
 */
export async function readBackup(path: string, onBytes: OnBytes = () => {}): Promise<BackupFile> {
  const manifest = await readManifest(path);
  const copy = (onRead: OnBytes = () => {}) => readCopy(path, manifest.bytes, onRead);
  const hash = createHash('sha256');
  for await (const chunk of copy(onBytes)) hash.update(chunk);
  if (hash.digest('hex') !== manifest.sha256) {
    throw damaged(path, 'is not as it was written: its SHA-256 is another');
  }
  return { path, manifest, chunks: copy };
}

async function readManifest(path: string): Promise<BackupManifest> {
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new BackupError(
      'BACKUP_NOT_FOUND',
      `Cannot read ${path}: ${error.code ?? error.message}.`,
      'Name a file that `soma admin backup` has written.',
    );
  });
  const file = await open(path, 'r');
  try {
    const read = async (length: number, from: number): Promise<Uint8Array> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    };
    const footerAt = Math.max(0, size - FOOTER_BYTES);
    const footer = parseFooter(await read(FOOTER_BYTES, footerAt), path);
    const manifestAt = footerAt - footer.manifestBytes;
    if (manifestAt < 0) throw damaged(path, 'is shorter than its own manifest');
    const manifest = parseManifest(await read(footer.manifestBytes, manifestAt), footer, path);
    if (manifest.bytes !== manifestAt) {
      throw damaged(path, `holds ${manifestAt} bytes of ${manifest.bytes}`);
    }
    return manifest;
  } finally {
    await file.close();
  }
}

async function* readCopy(path: string, bytes: number, onRead: OnBytes): AsyncGenerator<Uint8Array> {
  if (bytes === 0) return;
  let done = 0;
  const stream: AsyncIterable<Buffer> = createReadStream(path, {
    end: bytes - 1,
    highWaterMark: 1 << 20,
  });
  for await (const chunk of stream) {
    done += chunk.byteLength;
    onRead(done);
    yield chunk;
  }
}

function notWritten(path: string, error: unknown): BackupError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new BackupError(
    'FILE_NOT_WRITTEN',
    `Cannot write ${path}: ${code ?? message}.`,
    'The folder must exist, be writable, and have room for the backup.',
    error,
  );
}
