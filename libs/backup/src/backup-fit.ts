import { BackupError } from './backup-error.js';
import type { BackupManifest } from './backup-manifest.js';

interface KnownMigration {
  readonly name: string;
  readonly checksum: string;
}

/**
 * Whether this version of the service can take the backup: every migration in it is one of ours,
 * unchanged. Those of ours that it lacks are applied after the data.
 * @throws BackupError BACKUP_OF_ANOTHER_STACK, BACKUP_NEWER or BACKUP_OF_ANOTHER_HISTORY.
 */
export function assertFits(
  manifest: BackupManifest,
  target: BackupManifest['kind'],
  ours: readonly KnownMigration[],
): void {
  if (manifest.kind !== target) throw otherStack(manifest.kind);
  const known = new Map(ours.map(({ name, checksum }) => [name, checksum]));
  const unknown = manifest.migrations.filter(({ name }) => !known.has(name));
  if (unknown.length > 0) {
    throw new BackupError(
      'BACKUP_NEWER',
      `The backup was made by version ${manifest.service_version} and has ${unknown.length} ` +
        `migration(s) that this version does not know, from ${unknown[0]?.name} on.`,
      `Restore it with version ${manifest.service_version} of the service, or a later one.`,
    );
  }
  const changed = manifest.migrations.find(({ name, checksum }) => known.get(name) !== checksum);
  if (changed) {
    throw new BackupError(
      'BACKUP_OF_ANOTHER_HISTORY',
      `Migration ${changed.name} of the backup is not the one that this version has.`,
      `Restore it with version ${manifest.service_version} of the service, which made it.`,
    );
  }
}

function otherStack(kind: BackupManifest['kind']): BackupError {
  return kind === 'pglite'
    ? new BackupError(
        'BACKUP_OF_ANOTHER_STACK',
        'The backup is of an embedded database (PGlite), and cannot go into PostgreSQL.',
        'Restore it into a data folder: soma admin restore <file> --data-dir <folder>',
      )
    : new BackupError(
        'BACKUP_OF_ANOTHER_STACK',
        'The backup is of PostgreSQL, and cannot go into the data folder of an embedded service.',
        'Set SOMA_POSTGRES_URL and SOMA_POSTGRES_OWNER_URL, and leave out --data-dir.',
      );
}
