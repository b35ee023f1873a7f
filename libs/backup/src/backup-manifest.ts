import { z } from 'zod';

export const BACKUP_FORMAT = 1;

const count = z.number().int().min(0);

const contentsShape = {
  /** PostgreSQL's own version, also of the one inside PGlite. */
  server_version: z.string(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  /** Vectors by the model that made them. */
  embedding_models: z.record(z.string(), count),
  /** Rows of every table. */
  rows: z.record(z.string(), count),
};

export const databaseContentsSchema = z.object(contentsShape);
/** What a database holds, as it is at one moment. */
export type DatabaseContents = z.infer<typeof databaseContentsSchema>;

export const backupManifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  kind: z.enum(['postgresql', 'pglite']),
  service_version: z.string(),
  created_at: z.iso.datetime(),
  /** Of the pg_dump that wrote it; null when embedded. */
  dump_version: z.string().nullable(),
  ...contentsShape,
  /** Of what lies before the manifest in the file. */
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
/** What a backup says of itself, at the end of its file. */
export type BackupManifest = z.infer<typeof backupManifestSchema>;

/** What is known before the copy is read to its end. */
export type BackupDescription = Omit<BackupManifest, 'format' | 'bytes' | 'sha256'>;
