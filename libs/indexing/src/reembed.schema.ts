import { z } from 'zod';
import { MODEL_STATES } from './model-store.js';

const count = z.number().int().min(0);
const time = z.iso.datetime();

export const reembedRequestSchema = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        '`hash`, the name of a model of the configured provider, or a model as `/stats` names it; without it the model that the configuration names.',
      ),
    dimension: z
      .number()
      .int()
      .min(2)
      .max(4096)
      .optional()
      .describe("Length of the model's own vectors; without it as configured."),
    join_hash: z
      .boolean()
      .optional()
      .describe('Whether a small model is joined with the hash; without it as configured.'),
    switch: z
      .boolean()
      .default(true)
      .describe('Switch as soon as the index has passed its test; else wait for `switch`.'),
  })
  .meta({ id: 'ReembedRequest', examples: [{ model: 'nomic-embed-text', dimension: 768 }] });

const example = {
  configured: 'openai:nomic-embed-text:768',
  active: 'hash-v1:768',
  models: [
    {
      model: 'hash-v1:768',
      state: 'active' as const,
      memories: 0,
      vectors: 0,
      pending: 0,
      untaken: 0,
      unindexed: 3,
      recall: null,
      detail: null,
      switch_when_ready: true,
      created_at: '2026-11-21T12:00:00.000Z',
      changed_at: '2026-11-21T12:00:00.000Z',
    },
    {
      model: 'openai:nomic-embed-text:768',
      state: 'building' as const,
      memories: 20_000,
      vectors: 12_800,
      pending: 2,
      untaken: 0,
      unindexed: 128,
      recall: null,
      detail: null,
      switch_when_ready: true,
      created_at: '2026-11-21T12:00:00.000Z',
      changed_at: '2026-11-21T12:00:00.000Z',
    },
  ],
};

export const reembeddingSchema = z
  .object({
    configured: z.string().describe('The model that the configuration of this process names.'),
    active: z.string().describe('The model whose vectors searches compare.'),
    models: z
      .array(
        z
          .object({
            model: z.string(),
            state: z
              .enum(MODEL_STATES)
              .describe(
                'building, refused (its index finds too little), ready, switching, active, retired (the way back), dropping, dropped.',
              ),
            memories: count.describe('Memories to be embedded, when last counted.'),
            vectors: count.describe('Those of them that were, when last counted.'),
            pending: count.describe('Memories stored meanwhile whose vector is still to be made.'),
            untaken: count.describe('Memories whose text the model refuses time and again.'),
            unindexed: count.describe('Vectors on their way to the index.'),
            recall: z
              .number()
              .min(0)
              .max(1)
              .nullable()
              .describe('Recall@10 of its index against exact search; null before it is measured.'),
            detail: z.string().nullable().describe('What it waits for, or what was found.'),
            switch_when_ready: z.boolean(),
            created_at: time,
            changed_at: time.describe('When it came into its state.'),
          })
          .meta({ id: 'EmbeddingModel', examples: [example.models[1]] }),
      )
      .describe('Oldest first.'),
  })
  .meta({ id: 'Reembedding', examples: [example] });

export type ReembedRequest = z.infer<typeof reembedRequestSchema>;
export type Reembedding = z.infer<typeof reembeddingSchema>;
