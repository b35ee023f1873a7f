import { z } from 'zod';
import { itemErrorSchema } from './item-error.js';
import { memoryExample } from './memory.examples.js';
import { MAX_PAGE } from './memory-list.schema.js';
import { memorySchema } from './memory.schema.js';
import { cursorSchema, namespaceSchema, storableText, storableTime } from './text.schema.js';

/** Writes of one request, which makes each one's vector. */
export const MOST_RELEASED = 200;

export const tokenIdSchema = storableText(100).min(1).describe('Id of the token that wrote.');

export const listQuarantineSchema = z.strictObject({
  token: tokenIdSchema.optional().describe('Only what this token wrote.'),
  namespace: namespaceSchema.optional().describe('Only of this namespace.'),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Most on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

const said = memorySchema.pick({
  content: true,
  payload: true,
  metadata: true,
  memory_type: true,
  tags: true,
  importance: true,
  prediction: true,
  session_id: true,
  speaker: true,
  expires_at: true,
  slot: true,
  valid_from: true,
});

const writeExample = {
  id: memoryExample.id,
  namespace: 'default',
  coordinate: '1,2,3',
  source: { kind: 'web' as const, name: 'example.org' },
  trust: 0.3,
  written_by: '5f0c1c5a9d3e7b21',
  written_at: '2026-11-21T12:00:00.000Z',
  memory: said.parse(memoryExample),
};

export const quarantinedWriteSchema = z
  .object({
    id: z.uuid().describe('Of the memory that it becomes, unless its coordinate is taken then.'),
    namespace: z.string(),
    coordinate: z.string(),
    source: memorySchema.shape.source,
    trust: memorySchema.shape.trust,
    written_by: z.string().describe('Id of the token.'),
    written_at: z.iso.datetime(),
    memory: said
      .nullable()
      .describe('What it says; null without memories:read, and so for the operator.'),
  })
  .meta({ id: 'QuarantinedWrite', examples: [writeExample] });

export const quarantineListSchema = z
  .object({
    writes: z.array(quarantinedWriteSchema).describe('In the order in which they were written.'),
    next_cursor: z.string().nullable().describe('Send it to get the next page; null at the end.'),
  })
  .meta({ id: 'QuarantineList', examples: [{ writes: [writeExample], next_cursor: null }] });

export const quarantineTargetSchema = z
  .strictObject({
    ids: z.array(z.uuid()).min(1).max(MOST_RELEASED).optional(),
    token: tokenIdSchema.optional(),
    since: storableTime.optional().describe('With `token`: only what it wrote from then on.'),
  })
  .refine(({ ids, token }) => (ids === undefined) !== (token === undefined), {
    message: 'give either ids or a token',
  })
  .refine(({ ids, since }) => ids === undefined || since === undefined, {
    path: ['since'],
    message: 'goes with a token, not with ids',
  })
  .meta({
    id: 'QuarantineTarget',
    oneOf: [
      { required: ['ids'], not: { anyOf: [{ required: ['token'] }, { required: ['since'] }] } },
      { required: ['token'], not: { required: ['ids'] } },
    ],
    example: { token: '5f0c1c5a9d3e7b21', since: '2026-11-21T12:00:00.000Z' },
  });

export const releaseSchema = z
  .object({
    released: z
      .array(z.uuid())
      .describe('Ids of the writes, in the order in which they were made.'),
    failed: z
      .array(z.object({ id: z.uuid(), error: itemErrorSchema }))
      .describe('Those that could not become a memory; they stay in quarantine.'),
    remaining: z.number().int().describe('Of those meant, what is still in. Ask again for more.'),
  })
  .meta({
    id: 'QuarantineRelease',
    examples: [{ released: [memoryExample.id], failed: [], remaining: 0 }],
  });

export const rejectionSchema = z
  .object({
    deleted: z.number().int(),
    remaining: z.number().int().describe('Of those meant, what is still in. Ask again for more.'),
    receipt_id: z
      .uuid()
      .nullable()
      .describe('What `GET /deletions/{id}` knows it by; null when nothing was deleted.'),
  })
  .meta({
    id: 'QuarantineRejection',
    examples: [{ deleted: 1, remaining: 0, receipt_id: '019aa5a0-0000-7000-8000-000000000003' }],
  });

export type ListQuarantine = z.infer<typeof listQuarantineSchema>;
export type QuarantinedWriteView = z.infer<typeof quarantinedWriteSchema>;
export type QuarantineList = z.infer<typeof quarantineListSchema>;
export type QuarantineRequest = z.infer<typeof quarantineTargetSchema>;
export type Release = z.infer<typeof releaseSchema>;
export type Rejection = z.infer<typeof rejectionSchema>;
