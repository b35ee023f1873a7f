import { coordinateSchema, cursorSchema, memorySchema, namespaceSchema } from '@soma/memory';
import { z } from 'zod';

export const ARCHIVE_KINDS = ['memory', 'fields'] as const;
const MAX_ARCHIVE_PAGE = 200;

export const listArchiveSchema = z.strictObject({
  kind: z
    .enum(ARCHIVE_KINDS)
    .default('memory')
    .describe('Whole memories, or keys that decayed away from memories that are still there.'),
  namespace: namespaceSchema.optional().describe('Only of this one.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_ARCHIVE_PAGE)
    .default(50)
    .describe('Most on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

const archivedSchema = z.object({
  id: z.uuid().describe('What it is restored by: of a memory, its own id.'),
  kind: z.enum(ARCHIVE_KINDS),
  memory_id: z.uuid(),
  namespace: z.string(),
  coordinate: z.string().nullable(),
  memory_type: z.string().nullable(),
  content: z.string().nullable().describe('Of a whole memory.'),
  salience: z.number().nullable().describe('When it was archived.'),
  payload_keys: z.array(z.string()),
  metadata_keys: z.array(z.string()),
  archived_at: z.iso.datetime(),
  purge_at: z.iso.datetime().describe('From then on it cannot be restored any more.'),
});

export const archivePageSchema = z
  .object({
    archived: z.array(archivedSchema),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: 'ArchivePage',
    examples: [
      {
        archived: [
          {
            id: '0198c1f0-0000-7000-8000-000000000002',
            kind: 'memory',
            memory_id: '0198c1f0-0000-7000-8000-000000000002',
            namespace: 'default',
            coordinate: '1,2,3',
            memory_type: 'episodic',
            content: 'The bus was late.',
            salience: 0.01,
            payload_keys: [],
            metadata_keys: [],
            archived_at: '2027-06-01T00:00:00.000Z',
            purge_at: '2027-08-30T00:00:00.000Z',
          },
        ],
        next_cursor: null,
      },
    ],
  });

export const restoreSchema = z
  .strictObject({
    coord: coordinateSchema
      .optional()
      .describe('Where it is put when another memory has taken its coordinate.'),
  })
  .meta({ id: 'RestoreArchived', example: {} });

export const restoredSchema = memorySchema;

export type ListArchive = z.infer<typeof listArchiveSchema>;
export type Archived = z.infer<typeof archivedSchema>;
export type ArchivePage = z.infer<typeof archivePageSchema>;
export type RestoreArchived = z.infer<typeof restoreSchema>;
