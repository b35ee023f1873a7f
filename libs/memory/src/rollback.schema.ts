import { z } from 'zod';
import { memoryExample } from './memory.examples.js';
import { tokenIdSchema } from './quarantine.schema.js';
import { cursorSchema, storableTime } from './text.schema.js';

/** Memories of one request, each of which may need a vector. */
const MOST_TAKEN_BACK = 100;

export const rollbackRequestSchema = z
  .strictObject({
    token: tokenIdSchema,
    since: storableTime.describe('What it wrote from then on is taken back.'),
    dry_run: z.boolean().default(true).describe('Only say what would be done.'),
    limit: z
      .number()
      .int()
      .min(1)
      .max(MOST_TAKEN_BACK)
      .default(MOST_TAKEN_BACK)
      .describe('Most memories looked at in this request.'),
    cursor: cursorSchema.optional().describe('`next_cursor` of the answer before.'),
  })
  .meta({
    id: 'RollbackRequest',
    example: { token: '5f0c1c5a9d3e7b21', since: '2026-11-21T12:00:00.000Z', dry_run: true },
  });

const itemSchema = z.object({
  memory_id: z.uuid(),
  namespace: z.string(),
  coordinate: z.string(),
  action: z
    .enum(['delete', 'restore', 'keep'])
    .describe('`keep`: somebody else wrote it since, so it stays as it is.'),
  version: z.number().int().nullable().describe('With `restore`: the version that is repeated.'),
  reason: z
    .enum(['rewritten', 'mixed', 'changing'])
    .nullable()
    .describe(
      'With `keep`. `rewritten`: nothing of the writer is left in it. `mixed`: others changed a part ' +
        'of what the writer had said, look at it. `changing`: written at this moment; ask again.',
    ),
});

const example = {
  token: '5f0c1c5a9d3e7b21',
  since: '2026-11-21T12:00:00.000Z',
  dry_run: true,
  memories: [
    {
      memory_id: memoryExample.id,
      namespace: 'default',
      coordinate: '1,2,3',
      action: 'restore' as const,
      version: 1,
      reason: null,
    },
  ],
  links: 2,
  quarantined: 0,
  receipt_ids: [],
  next_cursor: null,
  done: true,
};

export const rollbackSchema = z
  .object({
    token: z.string(),
    since: z.iso.datetime(),
    dry_run: z.boolean(),
    memories: z.array(itemSchema).describe('What was, or with `dry_run` would be, done to each.'),
    links: z.number().int().describe('Removed, or to be removed.'),
    quarantined: z.number().int().describe('Writes in quarantine deleted, or to be deleted.'),
    receipt_ids: z.array(z.uuid()).describe('What `GET /deletions/{id}` knows the deletions by.'),
    next_cursor: z.string().nullable().describe('Send it to go on; null after the last memory.'),
    done: z.boolean().describe('False while there is more; the same request again goes on.'),
  })
  .meta({ id: 'Rollback', examples: [example] });

export type RollbackRequest = z.infer<typeof rollbackRequestSchema>;
export type Rollback = z.infer<typeof rollbackSchema>;
export type RollbackItem = z.infer<typeof itemSchema>;
