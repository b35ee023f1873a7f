import { memoryExample } from '@soma/memory';
import { z } from 'zod';
import { CITATION_STYLES, PACK_FORMATS, PACK_ORDERS } from './packing/pack-item.js';
import { searchRequestSchema, searchResponseSchema } from './search.schema.js';

export const DEFAULT_CONTEXT_TOKENS = 1_024;
const MAX_CONTEXT_TOKENS = 200_000;

const { query, context, namespace, memory_type, filter, at, recipe } = searchRequestSchema.shape;
const { took_ms, stages_ms, partial, partial_reason, notes } = searchResponseSchema.shape;

export const contextRequestSchema = z
  .strictObject({
    query,
    max_tokens: z
      .number()
      .int()
      .min(1)
      .max(MAX_CONTEXT_TOKENS)
      .default(DEFAULT_CONTEXT_TOKENS)
      .describe(
        'The text has at most so many tokens (o200k_base), citations and headings counted.',
      ),
    format: z
      .enum(PACK_FORMATS)
      .default('text')
      .describe(
        '`text` and `markdown` with the days as headings, `xml` elements, or JSON by line.',
      ),
    order: z
      .enum(PACK_ORDERS)
      .default('time')
      .describe('Of the lines. `relevance`: best first, each with its day.'),
    citations: z
      .enum(CITATION_STYLES)
      .default('markers')
      .describe('`markers`: 1, 2, 3, which `citations` resolves; `ids`: about 20 tokens each.'),
    whole: z
      .boolean()
      .default(false)
      .describe(
        'Memories stand whole or not at all; else sentences that say least may be missing.',
      ),
    tiers: z
      .enum(['stored', 'all'])
      .default('stored')
      .describe(
        '`all`: digests of the hierarchy compete too, none beside what it is drawn from; so they ' +
          'do when `memory_type` or `filter` ask about tiers.',
      ),
    context,
    namespace,
    memory_type,
    filter,
    at,
    recipe,
    min_score: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('What scores less stays out, though there be room.'),
  })
  .meta({
    id: 'ContextRequest',
    example: { query: 'Which language does the user prefer?', max_tokens: 512 },
  });

const memoryIdSchema = z.uuid();

const contextPartSchema = z.object({
  cites: z.array(z.string()).describe('What the line cites, in the order of `memory_ids`.'),
  memory_ids: z.array(memoryIdSchema).min(1).describe('Several where they say the same.'),
  text: z.string().describe('What the line says, before the format escapes it.'),
  tokens: z.number().int().min(1).describe('Of the line with its citation.'),
  score: z.number().describe('0 to 1, as search gives it; of the best of the memories.'),
  tier: z.number().int().min(0).describe('0: as stored; higher: a digest of lower ones.'),
  from: z.iso.datetime().describe('When what it tells of began: `occurred_at`, else when stored.'),
  to: z.iso.datetime(),
  trimmed: z.boolean().describe('Sentences of the memory are missing.'),
});

export const contextResponseSchema = z
  .object({
    text: z.string().describe('For a prompt. Empty when nothing was found or nothing fits.'),
    tokens: z.number().int().min(0).describe('Of `text`; never above `budget`.'),
    budget: z.number().int().describe('`max_tokens`.'),
    parts: z.array(contextPartSchema).describe('The lines of `text`, in its order.'),
    citations: z
      .array(z.object({ cite: z.string(), memory_id: memoryIdSchema }))
      .describe('Which memory each citation means.'),
    left_out: z.number().int().min(0).describe('Memories found that are not cited.'),
    took_ms,
    stages_ms,
    partial,
    partial_reason,
    notes,
  })
  .meta({
    id: 'ContextResponse',
    examples: [
      {
        text: '2026\n21 Nov\n[1] The user prefers answers in French.',
        tokens: 17,
        budget: 512,
        parts: [
          {
            cites: ['1'],
            memory_ids: [memoryExample.id],
            text: 'The user prefers answers in French.',
            tokens: 11,
            score: 0.93,
            tier: 0,
            from: '2026-11-21T09:30:00.000Z',
            to: '2026-11-21T09:30:00.000Z',
            trimmed: false,
          },
        ],
        citations: [{ cite: '1', memory_id: memoryExample.id }],
        left_out: 0,
        took_ms: 15.1,
        stages_ms: { arms: 5.1, context: 4.6, rank: 3.1, read: 1.2, pack: 0.8 },
        partial: false,
      },
    ],
  });

export type ContextRequest = z.infer<typeof contextRequestSchema>;
export type ContextResponse = z.infer<typeof contextResponseSchema>;
