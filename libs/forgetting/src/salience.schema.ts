import { addressQuerySchema, givenTime } from '@soma/memory';
import { z } from 'zod';

const time = z.iso.datetime({ offset: true });

export const salienceQuerySchema = addressQuerySchema.extend({
  at: givenTime.optional().describe('Of this moment; without it of now.'),
});

export const salienceSchema = z
  .object({
    id: z.uuid(),
    at: time,
    salience: z.number().min(0).max(1),
    parts: z
      .object({
        importance: z.number(),
        fades: z.boolean().describe('False for what is pinned, held, or has no half-life.'),
        idle_ms: z.number().describe('Since the last use by then, else since it was made.'),
        accesses: z.number().int(),
        reinforcement: z.number(),
        half_life_ms: z.number().nullable().describe('Null: never.'),
        lasting_ms: z.number().nullable(),
      })
      .describe(
        'salience = importance * 2^(-idle_ms / lasting_ms), lasting_ms = half_life_ms * (1 + reinforcement * log2(1 + accesses)).',
      ),
    memory_type: z.string(),
    tier: z.number().int(),
    pinned: z.boolean(),
    held: z.boolean().describe('Under a legal hold.'),
  })
  .meta({
    id: 'Salience',
    examples: [
      {
        id: '0198c1f0-0000-7000-8000-000000000002',
        at: '2026-12-21T00:00:00.000Z',
        salience: 0.25,
        parts: {
          importance: 0.5,
          fades: true,
          idle_ms: 2592000000,
          accesses: 0,
          reinforcement: 0.5,
          half_life_ms: 2592000000,
          lasting_ms: 2592000000,
        },
        memory_type: 'episodic',
        tier: 0,
        pinned: false,
        held: false,
      },
    ],
  });

export type SalienceQuery = z.infer<typeof salienceQuerySchema>;
export type Salience = z.infer<typeof salienceSchema>;
