import { createHash } from 'node:crypto';
import { BackupError } from './backup-error.js';
import {
  BACKUP_FORMAT,
  type BackupDescription,
  type BackupManifest,
  backupManifestSchema,
} from './backup-manifest.js';

const MAGIC = 'soma-backup';
const FOOTER = /^soma-backup (\d{9}) ([0-9a-f]{64})\n$/;
/** Magic, nine digits, 64 of a SHA-256, two spaces and a line end. */
export const FOOTER_BYTES = MAGIC.length + 9 + 64 + 3;

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * The copy as it comes, then its manifest in JSON, then a footer of fixed length with the length and
 * the SHA-256 of the manifest. The seal stands at the end so that a copy is written once, and so that
 * a file that was cut off has none. Tools that read the copy's own format do not mind what follows it.
 */
export async function* sealed(
  chunks: AsyncIterable<Uint8Array>,
  description: BackupDescription,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.byteLength;
    yield chunk;
  }
  const manifest: BackupManifest = {
    format: BACKUP_FORMAT,
    ...description,
    bytes,
    sha256: hash.digest('hex'),
  };
  const text = Buffer.from(`\n${JSON.stringify(manifest)}\n`);
  const length = String(text.byteLength).padStart(9, '0');
  yield text;
  yield Buffer.from(`${MAGIC} ${length} ${hashOf(text)}\n`);
}

export interface Footer {
  readonly manifestBytes: number;
  readonly manifestHash: string;
}

/** @throws BackupError BACKUP_DAMAGED when these are not the last bytes of a backup. */
export function parseFooter(bytes: Uint8Array, path: string): Footer {
  const [, length, manifestHash] = FOOTER.exec(Buffer.from(bytes).toString('latin1')) ?? [];
  if (length === undefined || manifestHash === undefined) {
    throw damaged(path, 'does not end as a backup does: it was cut off, or is something else');
  }
  return { manifestBytes: Number(length), manifestHash };
}

/** @throws BackupError BACKUP_DAMAGED, or BACKUP_NEWER for a format that came later. */
export function parseManifest(bytes: Uint8Array, footer: Footer, path: string): BackupManifest {
  if (hashOf(bytes) !== footer.manifestHash) {
    throw damaged(path, 'has a manifest that was changed after it was written');
  }
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  const format = typeof value === 'object' && value !== null && 'format' in value && value.format;
  if (format !== BACKUP_FORMAT) {
    throw new BackupError(
      'BACKUP_NEWER',
      `${path} has format ${String(format)}; this version reads format ${BACKUP_FORMAT}.`,
      'Restore it with the version of the service that made it, or a later one.',
    );
  }
  return backupManifestSchema.parse(value);
}

export const damaged = (path: string, how: string): BackupError =>
  new BackupError(
    'BACKUP_DAMAGED',
    `${path} ${how}.`,
    'Nothing was changed. Take another copy of the file, or an earlier backup.',
  );
