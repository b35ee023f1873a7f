import { z } from 'zod';
import { coordinateSchema } from './coordinate.schema.js';
import { memoryExample } from './memory.examples.js';
import { sourceSchema, trustSchema } from './source.schema.js';
import {
  DEFAULT_LINK_TYPE,
  DEFAULT_NAMESPACE,
  givenTime,
  jsonObjectSchema,
  linkTypeSchema,
  namespaceSchema,
  storableText,
  writtenText,
} from './text.schema.js';

export const MEMORY_TYPES = ['episodic', 'semantic', 'summary', 'procedural'] as const;
/** Whether others may be merged with it when they say the same. */
export const DEDUP = ['allow', 'never'] as const;
export const MAX_CONTENT_CHARACTERS = 100_000;
export const MAX_EXPECTED_CHARACTERS = 10_000;
export const MAX_BULK = 1_000;
export const MAX_SLOT_CHARACTERS = 200;

const time = z.iso.datetime({ offset: true });
const importance = z.number().min(0).max(1);
const tags = z
  .array(storableText(100).min(1))
  .max(64)
  .transform((given) => [...new Set(given)]);

const attributes = {
  content: writtenText(MAX_CONTENT_CHARACTERS).describe(
    'What is searched. Drawn from the payload when not given.',
  ),
  payload: jsonObjectSchema.describe('Any JSON object; given back as it was stored.'),
  memory_type: z.enum(MEMORY_TYPES),
  importance: importance.describe('Set at write, 0 to 1.'),
  tags: tags.describe('Short labels to filter by.'),
  metadata: jsonObjectSchema.describe('Fields to filter by, as `metadata.<name>`.'),
  pinned: z.boolean().describe('Kept whatever policies say.'),
  dedup: z.enum(DEDUP).describe('`never`: it is never merged with others that say the same.'),
  prediction: writtenText(MAX_EXPECTED_CHARACTERS).describe(
    'What is expected to happen. Feedback that does not say so itself goes by it.',
  ),
  session_id: storableText(200).min(1).describe('The conversation or run it belongs to.'),
  speaker: storableText(200).min(1).describe('Who said or did it.'),
  occurred_at: givenTime.describe('When it happened, if that is not now.'),
  expires_at: givenTime.describe('From then on it is not found any more.'),
  slot: storableText(MAX_SLOT_CHARACTERS)
    .min(1)
    .describe(
      'Which fact it states, like "ada.employer". Of all memories of one slot in a namespace the ' +
        'one with the latest `valid_from` is in force; it supersedes the others.',
    ),
  valid_from: givenTime.describe(
    'Since when the fact is true; else since `occurred_at`, else since it was stored. Needs a `slot`.',
  ),
  source: sourceSchema,
};

export const linkOnStoreSchema = z.strictObject({
  to_coord: coordinateSchema.describe('Coordinate of a memory in the same namespace.'),
  link_type: linkTypeSchema.default(DEFAULT_LINK_TYPE),
  strength: z.number().min(0).max(1).default(1),
  metadata: jsonObjectSchema.default({}),
});

export const storeMemorySchema = z
  .strictObject({
    coord: coordinateSchema
      .optional()
      .describe('Address, like "1.0,2.0,3.0"; without it one is derived from the embedding.'),
    namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
    content: attributes.content.optional(),
    payload: attributes.payload.default({}),
    memory_type: attributes.memory_type.default('episodic'),
    importance: attributes.importance.default(0.5),
    tags: attributes.tags.default([]),
    metadata: attributes.metadata.default({}),
    pinned: attributes.pinned.default(false),
    dedup: attributes.dedup.default('allow'),
    prediction: attributes.prediction.optional(),
    session_id: attributes.session_id
      .optional()
      .describe('The conversation or run it belongs to; else a valid `metadata.session_id`.'),
    speaker: attributes.speaker
      .optional()
      .describe('Who said or did it; else a valid `metadata.speaker` or `metadata.role`.'),
    occurred_at: attributes.occurred_at
      .optional()
      .describe('When it happened, if that is not now; else a valid `metadata.occurred_at`.'),
    expires_at: attributes.expires_at.optional(),
    slot: attributes.slot.optional(),
    valid_from: attributes.valid_from.optional(),
    source: attributes.source.optional(),
    trust: trustSchema.optional().describe("Without it: the token's. Never more than the token's."),
    links: z.array(linkOnStoreSchema).max(100).default([]).describe('Links from the new memory.'),
  })
  .refine((memory) => memory.content !== undefined || Object.keys(memory.payload).length > 0, {
    path: ['content'],
    message: 'give content, or a payload to draw it from',
  })
  .refine((memory) => memory.valid_from === undefined || memory.slot !== undefined, {
    path: ['valid_from'],
    message: 'needs a slot: say which fact is valid from then on',
  })
  .meta({
    id: 'StoreMemory',
    anyOf: [
      { required: ['content'] },
      { required: ['payload'], properties: { payload: { minProperties: 1 } } },
    ],
    allOf: [{ anyOf: [{ required: ['slot'] }, { not: { required: ['valid_from'] } }] }],
    example: {
      coord: '1.0,2.0,3.0',
      payload: { text: 'The user prefers answers in French.' },
      memory_type: 'semantic',
      tags: ['preference'],
    },
  });

export const patchMemorySchema = z
  .strictObject({
    content: attributes.content,
    payload: attributes.payload,
    memory_type: attributes.memory_type,
    importance: attributes.importance,
    tags: attributes.tags,
    metadata: attributes.metadata,
    pinned: attributes.pinned,
    dedup: attributes.dedup,
    prediction: attributes.prediction.nullable(),
    session_id: attributes.session_id.nullable(),
    speaker: attributes.speaker.nullable(),
    occurred_at: attributes.occurred_at.nullable(),
    expires_at: attributes.expires_at.nullable(),
    slot: attributes.slot.nullable().describe('Null: it states no fact of a slot any more.'),
    valid_from: attributes.valid_from.nullable(),
    source: attributes.source.nullable(),
    trust: trustSchema.describe("Without it: the lesser of what it has and the token's."),
  })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field to change')
  .meta({
    id: 'PatchMemory',
    minProperties: 1,
    example: { importance: 0.9, tags: ['preference', 'checked'] },
  });

export const EMBEDDING_STATES = ['ready', 'pending'] as const;

export const memorySchema = z
  .object({
    id: z.uuid(),
    coordinate: z.string().describe('Canonical: "1.0" is written "1".'),
    namespace: z.string(),
    memory_type: z.enum(MEMORY_TYPES),
    tier: z.number().int().describe('Height in the hierarchy; 0 is an episode.'),
    content: z.string(),
    payload: jsonObjectSchema,
    metadata: jsonObjectSchema,
    tags: z.array(z.string()),
    importance,
    pinned: z.boolean(),
    dedup: z.enum(DEDUP),
    prediction: z.string().nullable().describe('What its writer expects to happen.'),
    session_id: z.string().nullable(),
    speaker: z.string().nullable(),
    occurred_at: time.nullable(),
    expires_at: time.nullable(),
    slot: z.string().nullable().describe('Which fact it states.'),
    valid_from: time.nullable().describe('Since when the fact is true; null without a slot.'),
    valid_to: time.nullable().describe('Until when it was; null while it is in force.'),
    superseded_by: z
      .uuid()
      .nullable()
      .describe('The memory whose fact took its place. Lists and searches leave it out.'),
    source: sourceSchema.nullable(),
    trust: trustSchema,
    written_by: z
      .string()
      .nullable()
      .describe('Id of the token that wrote this version; null if that was not recorded.'),
    quarantined: z
      .boolean()
      .describe(
        'Of a write alone: true when it was kept apart, and nothing finds it until it is released.',
      ),
    embedding: z
      .enum(EMBEDDING_STATES)
      .describe(
        '`pending`: no embedder answered when it was stored. Words find it; vectors do so later.',
      ),
    version: z.number().int().min(1),
    access_count: z.number().int().describe('Times it was read by coordinate or id.'),
    last_accessed_at: time.nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Memory', examples: [memoryExample] });

export type StoreMemory = z.infer<typeof storeMemorySchema>;
export type LinkOnStore = z.infer<typeof linkOnStoreSchema>;
export type PatchMemory = z.infer<typeof patchMemorySchema>;
export type Memory = z.infer<typeof memorySchema>;
export type MemoryType = Memory['memory_type'];
