import { coordinateSchema, cursorSchema, DEFAULT_NAMESPACE, namespaceSchema } from '@soma/memory';
import { z } from 'zod';

const MAX_PAGE = 200;
const ID = '019aa5a0-1111-7000-8000-00000000000';

export const mergedQuerySchema = z.strictObject({
  namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Most on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

const mergedSchema = z.object({
  id: z.uuid(),
  coordinate: z.string().describe('Where it was; another memory may be there by now.'),
  content: z.string(),
  cosine: z.number(),
  shared_words: z.number(),
  merged_at: z.iso.datetime(),
  merged_by: z.string().nullable().describe('Id of the token.'),
  created_at: z.iso.datetime(),
});

export const mergedListSchema = z
  .object({
    id: z.uuid().describe('The memory that is kept.'),
    merged: z.array(mergedSchema),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: 'MergedMemories',
    examples: [
      {
        id: `${ID}1`,
        merged: [
          {
            id: `${ID}2`,
            coordinate: '4,5,6',
            content: 'the user prefers answers in French',
            cosine: 0.99,
            shared_words: 1,
            merged_at: '2026-11-22T12:00:00.000Z',
            merged_by: '5f0c1c5a9d3e7b21',
            created_at: '2026-11-21T12:00:05.000Z',
          },
        ],
        next_cursor: null,
      },
    ],
  });

export const unmergeSchema = z
  .strictObject({
    coord: coordinateSchema
      .optional()
      .describe('Where one member is put when another memory has taken its coordinate.'),
    limit: z.number().int().min(1).max(MAX_PAGE).default(100).describe('Most to put back at once.'),
  })
  .meta({ id: 'Unmerge', example: {} });

export const unmergedSchema = z
  .object({
    id: z.uuid().describe('The memory that is kept.'),
    unmerged: z.array(z.object({ id: z.uuid() })).describe('They are as they were.'),
    remaining: z.boolean().describe('Whether more stand behind it: ask again.'),
  })
  .meta({
    id: 'Unmerged',
    examples: [{ id: `${ID}1`, unmerged: [{ id: `${ID}2` }], remaining: false }],
  });

export type MergedQuery = z.infer<typeof mergedQuerySchema>;
export type Merged = z.infer<typeof mergedSchema>;
export type MergedList = z.infer<typeof mergedListSchema>;
export type Unmerge = z.infer<typeof unmergeSchema>;
export type Unmerged = z.infer<typeof unmergedSchema>;
