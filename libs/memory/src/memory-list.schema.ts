import { FILTER_DESCRIPTION } from '@soma/filter';
import { z } from 'zod';
import { itemErrorSchema } from './item-error.js';
import { memoryExample } from './memory.examples.js';
import { MAX_BULK, MEMORY_TYPES, memorySchema } from './memory.schema.js';
import {
  DEFAULT_NAMESPACE,
  jsonObjectSchema,
  namespaceSchema,
  storableText,
} from './text.schema.js';

export const MAX_PAGE = 200;
export const SORT_KEYS = ['created_at', 'updated_at', 'importance', 'coordinate'] as const;

/** Where a memory addressed by coordinate lives. */
export const addressQuerySchema = z.strictObject({
  namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
});

const filterText = z.string().max(20_000);

export const listMemoriesSchema = z.strictObject({
  namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
  memory_type: z.enum(MEMORY_TYPES).optional().describe('Only memories of this type.'),
  tag: storableText(100).optional().describe('Only memories with this tag.'),
  min_coord: z.string().max(512).optional().describe('Lowest corner of a bounding box.'),
  max_coord: z.string().max(512).optional().describe('Highest corner of a bounding box.'),
  filter: filterText.optional().describe(`Sent as JSON text. ${FILTER_DESCRIPTION}`),
  sort: z.enum(SORT_KEYS).default('created_at').describe('What the list is ordered by.'),
  order: z.enum(['asc', 'desc']).default('desc').describe('Lowest or highest first.'),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Most on a page.'),
  cursor: z.string().max(2_000).optional().describe('`next_cursor` of the page before.'),
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
    example: { filter: { 'metadata.project': 'old' }, dry_run: true },
  });

export const deletionSchema = z
  .object({
    matched: z.number().int(),
    deleted: z.number().int(),
    dry_run: z.boolean(),
    ids: z.array(z.uuid()).describe('The first thousand of those matched.'),
  })
  .meta({
    id: 'Deletion',
    examples: [{ matched: 1, deleted: 0, dry_run: true, ids: [memoryExample.id] }],
  });

export type ListMemories = z.infer<typeof listMemoriesSchema>;
export type SortKey = ListMemories['sort'];
export type MemoryPage = z.infer<typeof memoryPageSchema>;
export type BulkStore = z.infer<typeof bulkStoreSchema>;
export type BulkResult = z.infer<typeof bulkResultSchema>;
export type BulkItemResult = BulkResult['results'][number];
export type DeleteMemories = z.infer<typeof deleteMemoriesSchema>;
export type Deletion = z.infer<typeof deletionSchema>;
