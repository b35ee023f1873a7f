import { itemErrorSchema } from '@soma/memory';
import { z } from 'zod';
import { searchResponseSchema } from './search.schema.js';

export const MAX_SEARCHES = 50;

export const searchBatchSchema = z
  .strictObject({
    // Each is checked on its own: a bad one must not refuse the others.
    searches: z
      .array(z.unknown().meta({ $ref: '#/components/schemas/SearchRequest' }))
      .min(1)
      .max(MAX_SEARCHES),
  })
  .meta({
    id: 'SearchBatch',
    example: { searches: [{ query: 'Which language does the user prefer?' }, { query: 'tea' }] },
  });

export const searchBatchResultSchema = z
  .object({
    results: z
      .array(
        z.object({
          index: z.number().int(),
          status: z.number().int().describe('200, else the status of the error.'),
          answer: searchResponseSchema.optional(),
          error: itemErrorSchema.optional(),
        }),
      )
      .describe('In the order of the searches.'),
    took_ms: z.number().min(0),
  })
  .meta({
    id: 'SearchBatchResult',
    examples: [
      {
        results: [
          {
            index: 0,
            status: 200,
            answer: { memories: [], took_ms: 3.1, stages_ms: { arms: 2.2 }, partial: false },
          },
        ],
        took_ms: 3.4,
      },
    ],
  });

export type SearchBatch = z.infer<typeof searchBatchSchema>;
export type SearchBatchResult = z.infer<typeof searchBatchResultSchema>;
