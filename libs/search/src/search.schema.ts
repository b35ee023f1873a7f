import { FILTER_DESCRIPTION } from '@soma/filter';
import {
  DEFAULT_NAMESPACE,
  jsonObjectSchema,
  MEMORY_TYPES,
  memoryExample,
  memorySchema,
  namespaceSchema,
  storableText,
} from '@soma/memory';
import { z } from 'zod';

export const MAX_TOP_K = 1_000;
const MAX_QUERY_CHARACTERS = 20_000;

export const searchRequestSchema = z
  .strictObject({
    query: storableText(MAX_QUERY_CHARACTERS)
      .refine((text) => text.trim() !== '', 'must not be blank')
      .describe('What is looked for, in words.'),
    top_k: z.number().int().min(1).max(MAX_TOP_K).default(10).describe('At most this many.'),
    namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
    memory_type: z.enum(MEMORY_TYPES).optional(),
    filter: jsonObjectSchema.optional().describe(`Only memories that pass. ${FILTER_DESCRIPTION}`),
  })
  .meta({
    id: 'SearchRequest',
    example: {
      query: 'Which language does the user prefer?',
      top_k: 5,
      filter: { importance: { gte: 0.3 } },
    },
  });

export const PARTIAL_REASONS = ['index-unavailable', 'fresh-tail-too-long'] as const;

export const searchResponseSchema = z
  .object({
    memories: z
      .array(memorySchema.extend({ score: z.number().describe('Relevance, 0 to 1.') }))
      .describe('Best first.'),
    took_ms: z.number(),
    partial: z.boolean().describe('True when something that matches may be missing.'),
    partial_reason: z.enum(PARTIAL_REASONS).optional(),
  })
  .meta({
    id: 'SearchResponse',
    examples: [{ memories: [{ ...memoryExample, score: 0.93 }], took_ms: 4.2, partial: false }],
  });

export type SearchRequest = z.infer<typeof searchRequestSchema>;
export type SearchResponse = z.infer<typeof searchResponseSchema>;
export type PartialReason = (typeof PARTIAL_REASONS)[number];
