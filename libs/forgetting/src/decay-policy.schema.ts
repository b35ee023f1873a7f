import { FADING_TYPES } from '@soma/hierarchy';
import { storableText } from '@soma/memory';
import { z } from 'zod';

const days = z.number().min(0).max(36_500);
const below = z.number().min(0).max(1);
const keys = z.array(storableText(200).min(1)).max(64).default([]);

const threshold = {
  after_days: days.optional().describe('Not used for so many days, or longer.'),
  below: below.optional().describe('Salience below this.'),
};
const isGiven = (given: { after_days?: number; below?: number }): boolean =>
  given.after_days !== undefined || given.below !== undefined;
const NEEDED = { message: 'give after_days, below, or both' };
const EITHER = { anyOf: [{ required: ['after_days'] }, { required: ['below'] }] };
const SOME_KEY = [
  { required: ['payload_keys'], properties: { payload_keys: { minItems: 1 } } },
  { required: ['metadata_keys'], properties: { metadata_keys: { minItems: 1 } } },
];

const typeDays = z.strictObject({
  episodic: days.optional(),
  semantic: days.optional(),
  summary: days.optional(),
  procedural: days.optional(),
} satisfies Record<(typeof FADING_TYPES)[number], z.ZodType>);

export const decayPolicySchema = z
  .strictObject({
    half_life_days: typeDays
      .default({})
      .describe('Half-lives at tier 0 by type, instead of the service’s; 0: never fades.'),
    tier_growth: z
      .number()
      .min(1)
      .max(10)
      .optional()
      .describe('How many times longer each tier lasts than the one below it.'),
    levels: z
      .array(
        z
          .strictObject({ ...threshold, payload_keys: keys, metadata_keys: keys })
          .refine(isGiven, NEEDED)
          .refine(
            ({ payload_keys: payload, metadata_keys: metadata }) =>
              payload.length + metadata.length > 0,
            { message: 'name at least one key that decays away' },
          )
          .meta({ allOf: [EITHER, { anyOf: SOME_KEY }] }),
      )
      .max(10)
      .default([])
      .describe('Which keys of payload and metadata decay away, and when; all that apply do.'),
    prune: z
      .strictObject(threshold)
      .refine(isGiven, NEEDED)
      .meta(EITHER)
      .nullable()
      .default(null)
      .describe('When the whole memory goes to the archive; null: never.'),
    archive_days: z
      .number()
      .int()
      .min(1)
      .max(3_650)
      .default(90)
      .describe('How long what decayed can be restored; then it is deleted.'),
    every_hours: z
      .number()
      .min(1)
      .max(8_760)
      .nullable()
      .default(24)
      .describe('How often the service applies it by itself; null: only when asked.'),
  })
  .meta({
    id: 'DecayPolicy',
    example: {
      half_life_days: { episodic: 14 },
      levels: [{ after_days: 30, payload_keys: ['raw'], metadata_keys: ['trace'] }],
      prune: { after_days: 90, below: 0.05 },
      archive_days: 90,
      every_hours: 24,
    },
  });

export const decayPolicyAnswerSchema = z
  .object({
    policy: decayPolicySchema.nullable().describe('Null: nothing decays.'),
    updated_at: z.iso.datetime().nullable(),
    next_run_at: z.iso.datetime().nullable(),
    half_lives: z.object({
      days: z.record(z.string(), z.number()),
      tier_growth: z.number(),
    }),
  })
  .meta({
    id: 'DecayPolicyAnswer',
    examples: [
      {
        policy: null,
        updated_at: null,
        next_run_at: null,
        half_lives: {
          days: { episodic: 30, semantic: 90, summary: 90, procedural: 365 },
          tier_growth: 2,
        },
      },
    ],
  });

export type DecayPolicy = z.infer<typeof decayPolicySchema>;
export type DecayPolicyAnswer = z.infer<typeof decayPolicyAnswerSchema>;
