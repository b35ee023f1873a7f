import { MAX_EXPECTED_CHARACTERS, memorySchema, writtenText } from '@soma/memory';
import { z } from 'zod';

/** Who says what was expected: feedback itself, else the memory, else a model. */
export const EXPECTED_FROM = ['feedback', 'memory', 'model'] as const;
export type ExpectedFrom = (typeof EXPECTED_FROM)[number];

export const giveFeedbackSchema = z
  .strictObject({
    outcome: writtenText(MAX_EXPECTED_CHARACTERS).optional().describe('What happened.'),
    expected: writtenText(MAX_EXPECTED_CHARACTERS)
      .optional()
      .describe(
        "What was expected, from this memory, to happen; else the memory's own `prediction`.",
      ),
    predict: z
      .boolean()
      .default(false)
      .describe(
        'Have the configured model say what was to be expected, from the memory alone, if neither `expected` nor the memory says it; and judge whether it happened, if the words differ.',
      ),
    query: writtenText(MAX_EXPECTED_CHARACTERS)
      .optional()
      .describe('What the memory was recalled for; the prediction goes by it too.'),
    reward: z
      .number()
      .min(-1)
      .max(1)
      .optional()
      .describe(
        'What the memory was worth: -1 misleading, 1 just right. Without it 1 when what was expected happened, -1 when not, and 0 when nothing could be predicted.',
      ),
  })
  .refine(({ expected, outcome }) => expected === undefined || outcome !== undefined, {
    path: ['outcome'],
    message: 'is needed beside expected',
  })
  .refine(({ predict, expected, outcome }) => !predict || (expected ?? outcome) !== undefined, {
    path: ['outcome'],
    message: 'is needed for a prediction',
  })
  .refine(({ predict, expected }) => !predict || expected === undefined, {
    path: ['predict'],
    message: 'says what was expected instead of `expected`; give one of them',
  })
  .refine(({ predict, query }) => predict || query === undefined, {
    path: ['query'],
    message: 'is for a prediction; set `predict`',
  })
  .refine((given) => (given.outcome ?? given.reward) !== undefined, {
    path: ['reward'],
    message: 'give a reward, or what happened',
  })
  .meta({
    id: 'GiveFeedback',
    anyOf: [
      {
        required: ['expected', 'outcome'],
        not: { required: ['query'] },
        properties: { predict: { const: false } },
      },
      {
        required: ['outcome'],
        not: { anyOf: [{ required: ['expected'] }, { required: ['query'] }] },
        properties: { predict: { const: false } },
      },
      {
        required: ['reward'],
        not: { anyOf: [{ required: ['expected'] }, { required: ['query'] }] },
        properties: { predict: { const: false } },
      },
      {
        required: ['predict', 'outcome'],
        not: { required: ['expected'] },
        properties: { predict: { const: true } },
      },
    ],
    example: { expected: 'The shop opens at 9', outcome: 'The shop opens at 10' },
  });

const givenSchema = z.object({
  reward: z.number(),
  correct: z.boolean().nullable().describe('Whether what was expected happened; null: not said.'),
  expected_from: z
    .enum(EXPECTED_FROM)
    .nullable()
    .describe(
      'Who said what was expected: the feedback, the memory by its `prediction`, or a model. Null: nobody, or that was not recorded yet.',
    ),
  predicted_by: z
    .string()
    .nullable()
    .describe('Model that said what was expected; null when nobody or a client did.'),
  learning_rate: z.number(),
  importance_before: z.number().min(0).max(1),
  importance_after: z
    .number()
    .min(0)
    .max(1)
    .describe('before + learning_rate * |reward| * (limit - before); limit 1 above 0, else 0.'),
});

const predictionSchema = z.object({
  state: z
    .enum(['made', 'nothing', 'not-configured', 'unavailable'])
    .describe(
      '`nothing`: the memory makes one expect nothing; `unavailable`: the model did not answer in time. But for `made` the feedback went on without.',
    ),
  expected: z.string().nullable(),
  model: z.string().nullable(),
});

export const feedbackAnswerSchema = givenSchema
  .extend({
    id: z.uuid().describe('Of the memory.'),
    expected: z.string().nullable().describe('What was expected, whoever said it.'),
    prediction: predictionSchema
      .nullable()
      .describe('Null unless `predict` was set and the memory has no prediction of its own.'),
    correction: memorySchema
      .nullable()
      .describe('What was stored, linked by `corrects`, because something else happened.'),
  })
  .meta({
    id: 'FeedbackAnswer',
    examples: [
      {
        id: '0198c1f0-0000-7000-8000-000000000002',
        reward: 1,
        correct: true,
        expected: 'The shop opens at 9',
        expected_from: 'feedback',
        predicted_by: null,
        learning_rate: 0.2,
        importance_before: 0.5,
        importance_after: 0.6,
        prediction: null,
        correction: null,
      },
    ],
  });

export const feedbackListSchema = z
  .object({ feedback: z.array(givenSchema.extend({ created_at: z.iso.datetime() })) })
  .meta({ id: 'FeedbackList', examples: [{ feedback: [] }] });

export type GiveFeedback = z.infer<typeof giveFeedbackSchema>;
export type GivenFeedback = z.infer<typeof givenSchema>;
export type FeedbackPrediction = z.infer<typeof predictionSchema>;
export type FeedbackAnswer = z.infer<typeof feedbackAnswerSchema>;
export type FeedbackList = z.infer<typeof feedbackListSchema>;
