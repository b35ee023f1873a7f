import { z } from 'zod';

/** What this program is asked for, as JSON in its only argument; paths are absolute. */
export const backupRequestSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('backup'),
    file: z.string(),
    force: z.boolean(),
    service_version: z.string(),
    /** Absent: the PostgreSQL of the settings. */
    data_dir: z.string().optional(),
  }),
  z.strictObject({
    do: z.literal('restore'),
    file: z.string(),
    replace: z.boolean(),
    /** Absent: PostgreSQL where the settings name one, else the data folder of the settings. */
    data_dir: z.string().optional(),
  }),
]);

export type BackupRequest = z.infer<typeof backupRequestSchema>;
export type BackupOrder = Extract<BackupRequest, { do: 'backup' }>;
export type RestoreOrder = Extract<BackupRequest, { do: 'restore' }>;
