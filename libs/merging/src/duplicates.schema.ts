import { COHESION } from '@soma/hierarchy';
import { cursorSchema, DEFAULT_NAMESPACE, namespaceSchema } from '@soma/memory';
import { z } from 'zod';

/** Of a content that is shown. */
export const SHOWN_CHARACTERS = 500;
const share = z.number().min(0).max(1);

export const findDuplicatesSchema = z
  .strictObject({
    namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
    dry_run: z
      .boolean()
      .default(true)
      .describe('Only say what would be merged. A real run needs a token of the whole tenant.'),
    min_cosine: share
      .min(0.5)
      .default(COHESION.minCosine)
      .describe('Least cosine of any two memories of a cluster.'),
    min_words: share
      .min(0.3)
      .default(COHESION.minWords)
      .describe('Least share of words in common of any two.'),
    since: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text).toISOString())
      .optional()
      .describe(
        'Only look for duplicates of what changed since; `looked_up_to` of the run before.',
      ),
    limit: z
      .number()
      .int()
      .min(1)
      .max(200)
      .default(50)
      .describe('Memories that one step looks at.'),
    cursor: cursorSchema.optional().describe('`next_cursor` of the step before.'),
  })
  .meta({ id: 'FindDuplicates', example: { namespace: 'default', dry_run: true } });

const alike = {
  cosine: z.number().describe('With the kept one; 0 when a vector is missing.'),
  shared_words: z.number().describe('Share of words in common with the kept one.'),
};
const shown = {
  id: z.uuid(),
  coordinate: z.string(),
  content: z.string().describe(`Its first ${SHOWN_CHARACTERS} characters.`),
  created_at: z.iso.datetime(),
};

export const duplicatesSchema = z
  .object({
    dry_run: z.boolean(),
    looked_at: z.number().int().describe('Memories that this step looked at.'),
    looked_up_to: z.iso
      .datetime()
      .nullable()
      .describe('When the last of them was changed; `since` of a later run.'),
    merged: z.number().int().describe('Memories that are, or would be, merged into others.'),
    clusters: z.array(
      z.object({
        kept: z.object(shown),
        members: z.array(z.object({ ...shown, ...alike })),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: 'Duplicates',
    examples: [
      {
        dry_run: true,
        looked_at: 2,
        looked_up_to: '2026-11-21T12:00:05.000Z',
        merged: 1,
        clusters: [
          {
            kept: {
              id: '019aa5a0-1111-7000-8000-000000000001',
              coordinate: '1,2,3',
              content: 'The user prefers answers in French.',
              created_at: '2026-11-21T12:00:00.000Z',
            },
            members: [
              {
                id: '019aa5a0-1111-7000-8000-000000000002',
                coordinate: '4,5,6',
                content: 'the user prefers answers in French',
                created_at: '2026-11-21T12:00:05.000Z',
                cosine: 0.99,
                shared_words: 1,
              },
            ],
          },
        ],
        next_cursor: null,
      },
    ],
  });

export type FindDuplicates = z.infer<typeof findDuplicatesSchema>;
export type Duplicates = z.infer<typeof duplicatesSchema>;
export type DuplicateCluster = Duplicates['clusters'][number];
