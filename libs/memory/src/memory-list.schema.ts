import { FILTER_DESCRIPTION } from '@soma/filter';
import { z } from 'zod';
import { coordinateSchema } from './coordinate.schema.js';
import { itemErrorSchema } from './item-error.js';
import { memoryExample } from './memory.examples.js';
import { MAX_BULK, MAX_SLOT_CHARACTERS, MEMORY_TYPES, memorySchema } from './memory.schema.js';
import {
  DEFAULT_NAMESPACE,
  givenTime,
  jsonObjectSchema,
  namespaceSchema,
  cursorSchema,
  storableText,
} from './text.schema.js';

export const MAX_PAGE = 200;
export const SORT_KEYS = ['created_at', 'updated_at', 'importance', 'coordinate'] as const;

/** Where a memory addressed by coordinate lives. */
export const addressQuerySchema = z.strictObject({
  namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
});

/** Percent-encoded three times as long, and together with the rest still within a URL. */
const MAX_FILTER_CHARACTERS = 5_000;
const filterText = z.string().min(1).max(MAX_FILTER_CHARACTERS);

export const knownAtSchema = givenTime
  .describe(
    'As it was known at this moment: what was written later is left out. What has been deleted or ' +
      'has expired since stays away.',
  )
  .meta({ example: '2026-01-31T12:00:00Z' });

export const validAtSchema = givenTime
  .describe(
    'Facts that were true at this moment, instead of those in force. Memories without a slot always are.',
  )
  .meta({ example: '2026-01-31T12:00:00Z' });

export const readMemoryQuerySchema = addressQuerySchema.extend({
  known_at: knownAtSchema.optional(),
});

export const listMemoriesSchema = z.strictObject({
  namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
  memory_type: z.enum(MEMORY_TYPES).optional().describe('Only memories of this type.'),
  tag: storableText(100).optional().describe('Only memories with this tag.'),
  min_coord: coordinateSchema.optional().describe('Lowest corner of a bounding box.'),
  max_coord: coordinateSchema.optional().describe('Highest corner of a bounding box.'),
  filter: filterText.optional().describe(`Sent as JSON text. ${FILTER_DESCRIPTION}`),
  slot: storableText(MAX_SLOT_CHARACTERS).min(1).optional().describe('Only facts of this slot.'),
  known_at: knownAtSchema.optional(),
  valid_at: validAtSchema.optional(),
  sort: z.enum(SORT_KEYS).default('created_at').describe('What the list is ordered by.'),
  order: z.enum(['asc', 'desc']).default('desc').describe('Lowest or highest first.'),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Most on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

export const memoryPageSchema = z
  .object({
    memories: z.array(memorySchema),
    next_cursor: z.string().nullable().describe('Send it to get the next page; null at the end.'),
  })
  .meta({ id: 'MemoryPage', examples: [{ memories: [memoryExample], next_cursor: null }] });

export const bulkStoreSchema = z
  .strictObject({
    // Each is checked on its own: a bad one must not refuse the others.
    memories: z
      .array(z.unknown().meta({ $ref: '#/components/schemas/StoreMemory' }))
      .min(1)
      .max(MAX_BULK),
  })
  .meta({
    id: 'BulkStore',
    example: { memories: [{ content: 'The user prefers answers in French.' }] },
  });

export const bulkResultSchema = z
  .object({
    results: z.array(
      z.object({
        index: z.number().int(),
        status: z.number().int().describe('201 when stored, else the status of the error.'),
        memory: memorySchema.optional(),
        error: itemErrorSchema.optional(),
      }),
    ),
    stored: z.number().int(),
    failed: z.number().int(),
  })
  .meta({
    id: 'BulkResult',
    examples: [
      { results: [{ index: 0, status: 201, memory: memoryExample }], stored: 1, failed: 0 },
    ],
  });

export const deleteMemoriesSchema = z
  .strictObject({
    namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
    filter: jsonObjectSchema.optional().describe(`Which memories go. ${FILTER_DESCRIPTION}`),
    ids: z.array(z.uuid()).min(1).max(MAX_BULK).optional(),
    dry_run: z.boolean().default(true).describe('Only count; nothing is deleted.'),
  })
  .refine((request) => (request.filter === undefined) !== (request.ids === undefined), {
    message: 'give either a filter or ids',
  })
  .meta({
    id: 'DeleteMemories',
    oneOf: [{ required: ['filter'] }, { required: ['ids'] }],
    example: { filter: { 'metadata.project': 'old' }, dry_run: true },
  });

export const deletionSchema = z
  .object({
    matched: z.number().int(),
    deleted: z.number().int().describe('Less than `matched` while the service finishes it.'),
    dry_run: z.boolean(),
    ids: z.array(z.uuid()).describe('The first thousand of those matched.'),
    receipt_id: z
      .uuid()
      .nullable()
      .describe('What `GET /deletions/{id}` knows it by; null when nothing was deleted.'),
  })
  .meta({
    id: 'Deletion',
    examples: [
      { matched: 1, deleted: 0, dry_run: true, ids: [memoryExample.id], receipt_id: null },
    ],
  });

export type ReadMemoryQuery = z.infer<typeof readMemoryQuerySchema>;
export type ListMemories = z.infer<typeof listMemoriesSchema>;
export type SortKey = ListMemories['sort'];
export type MemoryPage = z.infer<typeof memoryPageSchema>;
export type BulkStore = z.infer<typeof bulkStoreSchema>;
export type BulkResult = z.infer<typeof bulkResultSchema>;
export type BulkItemResult = BulkResult['results'][number];
export type DeleteMemories = z.infer<typeof deleteMemoriesSchema>;
export type Deletion = z.infer<typeof deletionSchema>;
