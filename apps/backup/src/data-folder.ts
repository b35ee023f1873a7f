import {
  assertFits,
  type BackupFile,
  type BackupManifest,
  sealed,
  writeBackup,
} from '@soma/backup';
import { readMigrations, restoreDataFolder, withDataFolderCopy } from '@soma/persistence';
import type { BackupOrder } from './backup-request.js';
import type { Reporter } from './reporter.js';

/** Of a service that is stopped. */
export function backupDataFolder(
  dataDir: string,
  { file, force, service_version }: BackupOrder,
  reporter: Reporter,
): Promise<BackupManifest> {
  return withDataFolderCopy(dataDir, ({ contents, chunks }) => {
    const description = {
      kind: 'pglite' as const,
      service_version,
      created_at: new Date().toISOString(),
      dump_version: null,
      ...contents,
    };
    const onBytes = (bytes: number): void => reporter.progress('copied', bytes);
    return writeBackup(file, sealed(chunks, description), { force, onBytes });
  });
}

export async function restoreIntoDataFolder(
  dataDir: string,
  backup: BackupFile,
  replace: boolean,
  reporter: Reporter,
): Promise<void> {
  const { manifest } = backup;
  assertFits(manifest, 'pglite', readMigrations());
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of backup.chunks((bytes) =>
    reporter.progress('read', bytes, manifest.bytes),
  )) {
    pieces.push(new Uint8Array(chunk));
  }
  const copy = new Blob(pieces, { type: 'application/x-gzip' });
  await restoreDataFolder(dataDir, manifest, copy, replace);
}
