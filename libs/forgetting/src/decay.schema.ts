import { cursorSchema, givenTime, namespaceSchema } from '@soma/memory';
import { z } from 'zod';
import { decayPolicySchema } from './decay-policy.schema.js';

export const MAX_DECAY_PAGE = 500;
const time = z.iso.datetime({ offset: true });

export const runDecaySchema = z
  .strictObject({
    dry_run: z.boolean().default(true).describe('Only say what would go; nothing is changed.'),
    at: givenTime
      .optional()
      .describe('With `dry_run`: as of this moment, ahead or past; else the moment of asking.'),
    policy: decayPolicySchema.optional().describe('With `dry_run`: under this policy instead.'),
    namespace: namespaceSchema.optional().describe('Only this one; without it all of the tenant.'),
    limit: z
      .number()
      .int()
      .min(1)
      .max(MAX_DECAY_PAGE)
      .default(100)
      .describe('Most memories looked at closely in one step.'),
    cursor: cursorSchema.optional().describe('`next_cursor` of the step before.'),
  })
  .refine(({ dry_run: dry, at, policy }) => dry || (at === undefined && policy === undefined), {
    message: 'a run that changes something is of now and of the policy that is set',
    path: ['dry_run'],
  })
  .meta({ id: 'RunDecay', example: { dry_run: true, at: '2027-06-01T00:00:00Z' } });

export const ACTIONS = ['archive', 'fields'] as const;

export const decayStepSchema = z
  .object({
    at: time,
    dry_run: z.boolean(),
    archived: z.number().int().describe('Memories of this step that go to the archive.'),
    fields: z.number().int().describe('Memories of this step that lose keys.'),
    memories: z.array(
      z.object({
        id: z.uuid(),
        namespace: z.string(),
        coordinate: z.string(),
        action: z.enum(ACTIONS),
        salience: z.number(),
        idle_days: z.number(),
        payload_keys: z.array(z.string()),
        metadata_keys: z.array(z.string()),
      }),
    ),
    next_cursor: z
      .string()
      .nullable()
      .describe('Send it, with `at` as answered, for the next step; null when all is done.'),
  })
  .meta({
    id: 'DecayStep',
    examples: [
      {
        at: '2027-06-01T00:00:00.000Z',
        dry_run: true,
        archived: 1,
        fields: 0,
        memories: [
          {
            id: '0198c1f0-0000-7000-8000-000000000002',
            namespace: 'default',
            coordinate: '1,2,3',
            action: 'archive',
            salience: 0.01,
            idle_days: 190.5,
            payload_keys: [],
            metadata_keys: [],
          },
        ],
        next_cursor: null,
      },
    ],
  });

export type RunDecay = z.infer<typeof runDecaySchema>;
export type DecayStep = z.infer<typeof decayStepSchema>;
export type DecayedMemory = DecayStep['memories'][number];
