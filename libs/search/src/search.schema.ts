import { FILTER_DESCRIPTION } from '@soma/filter';
import {
  DEFAULT_NAMESPACE,
  jsonObjectSchema,
  knownAtSchema,
  MEMORY_TYPES,
  memoryExample,
  memorySchema,
  namespaceSchema,
  storableText,
  validAtSchema,
  writtenText,
} from '@soma/memory';
import { z } from 'zod';
import { explanationExample, explanationSchema } from './explanation.schema.js';
import { DEFAULT_RECIPE, RECIPE_NAMES } from './recipes.js';

export const MAX_TOP_K = 1_000;
const MAX_QUERY_CHARACTERS = 20_000;
const MAX_TOKENS = 1_000_000;
/** Every result is compared with all above it. */
const MAX_DIVERSE_TOP_K = 200;

const minScoreSchema = z
  .strictObject({
    final: z.number().optional().describe('Least score of a result, 0 to 1.'),
    dense: z.number().min(-1).max(1).optional().describe('Least cosine by which vectors find.'),
    lexical: z.number().min(0).optional().describe('Least BM25 score by which words find.'),
  })
  .describe('What scores less is left out: of an arm, or of the results.');

export const searchRequestSchema = z
  .strictObject({
    query: writtenText(MAX_QUERY_CHARACTERS).describe('What is looked for, in words.'),
    context: storableText(MAX_QUERY_CHARACTERS)
      .optional()
      .describe('Text beside the query, such as what was said before it; it counts three tenths.'),
    top_k: z.number().int().min(1).max(MAX_TOP_K).default(10).describe('At most this many.'),
    namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
    memory_type: z.enum(MEMORY_TYPES).optional(),
    filter: jsonObjectSchema.optional().describe(`Only memories that pass. ${FILTER_DESCRIPTION}`),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(
        'The moment the question is asked at: "last May" is read from it, and newer sessions count more. Without it neither counts.',
      ),
    known_at: knownAtSchema.optional(),
    valid_at: validAtSchema.optional(),
    recipe: z
      .enum(RECIPE_NAMES)
      .default(DEFAULT_RECIPE)
      .describe('How the score is made up; see docs/retrieval.md.'),
    explain: z.boolean().default(false).describe('Adds to each result how its score came about.'),
    min_trust: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Only memories trusted so much or more; like the filter `{"trust": {"gte": …}}`.'),
    min_score: minScoreSchema.optional(),
    diversity: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('0: best first; towards 1, what resembles a result above it comes later (MMR).'),
    max_tokens: z
      .number()
      .int()
      .min(1)
      .max(MAX_TOKENS)
      .optional()
      .describe('Stops before the contents together have more tokens (o200k_base).'),
  })
  .refine(({ diversity, top_k }) => diversity === 0 || top_k <= MAX_DIVERSE_TOP_K, {
    path: ['top_k'],
    message: `with diversity, must be at most ${MAX_DIVERSE_TOP_K}`,
  })
  .meta({
    id: 'SearchRequest',
    anyOf: [
      { properties: { diversity: { maximum: 0 } } },
      { properties: { top_k: { maximum: MAX_DIVERSE_TOP_K } } },
    ],
    example: {
      query: 'Which language does the user prefer?',
      top_k: 5,
      filter: { importance: { gte: 0.3 } },
    },
  });

export const PARTIAL_REASONS = [
  'embedding-unavailable',
  'index-unavailable',
  'fresh-tail-too-long',
] as const;
/** What a search did without, by the tenant's own choice. */
export const SEARCH_NOTES = ['content-encrypted'] as const;
export const STAGES = ['embed', 'arms', 'context', 'rank', 'read', 'pack'] as const;

const milliseconds = z.number().min(0);

export const searchResponseSchema = z
  .object({
    memories: z
      .array(
        memorySchema.extend({
          score: z.number().describe('0 to 1; compares results of one recipe.'),
          explanation: explanationSchema.optional(),
          annotations: z
            .record(z.string(), jsonObjectSchema)
            .optional()
            .describe('What extensions of the service say of it, by their names.'),
        }),
      )
      .describe('Best first.'),
    tokens: z.number().int().optional().describe('Of the contents; given with `max_tokens`.'),
    took_ms: milliseconds,
    stages_ms: z
      .partialRecord(z.enum(STAGES), milliseconds)
      .describe(
        'Where the time went: arms and context read the stores, read fetches the results; pack is of contexts only.',
      ),
    partial: z.boolean().describe('True when something that matches may be missing.'),
    partial_reason: z.enum(PARTIAL_REASONS).optional(),
    notes: z
      .array(z.enum(SEARCH_NOTES))
      .optional()
      .describe(
        '`content-encrypted`: words of contents are in no index; vectors, tags, speakers and addresses decided.',
      ),
  })
  .meta({
    id: 'SearchResponse',
    examples: [
      {
        memories: [{ ...memoryExample, score: 0.93, explanation: explanationExample }],
        took_ms: 14.2,
        stages_ms: { embed: 0.1, arms: 5.1, context: 4.6, rank: 3.1, read: 1.2 },
        partial: false,
      },
    ],
  });

export type SearchRequest = z.infer<typeof searchRequestSchema>;
export type SearchResponse = z.infer<typeof searchResponseSchema>;
export type SearchResult = SearchResponse['memories'][number];
export type PartialReason = (typeof PARTIAL_REASONS)[number];
export type SearchNote = (typeof SEARCH_NOTES)[number];
export type Stage = (typeof STAGES)[number];
