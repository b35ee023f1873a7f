import { isStorableTime } from '@soma/core';
import { z } from 'zod';
import { memoryExample } from './memory.examples.js';
import {
  DEFAULT_LINK_TYPE,
  DEFAULT_NAMESPACE,
  jsonObjectSchema,
  linkTypeSchema,
  namespaceSchema,
  storableText,
} from './text.schema.js';

export const MEMORY_TYPES = ['episodic', 'semantic', 'summary', 'procedural'] as const;
export const MAX_CONTENT_CHARACTERS = 100_000;
export const MAX_BULK = 1_000;

const time = z.iso.datetime({ offset: true });
const givenTime = time
  .refine(isStorableTime, 'is not of the years 1 to 9999')
  .transform((text) => new Date(text).toISOString());
const importance = z.number().min(0).max(1);
const tags = z
  .array(storableText(100).min(1))
  .max(64)
  .transform((given) => [...new Set(given)]);
const coord = z.string().min(1).max(512);

const attributes = {
  content: storableText(MAX_CONTENT_CHARACTERS)
    .refine((text) => text.trim() !== '', 'must not be blank')
    .describe('What is searched. Drawn from the payload when not given.'),
  payload: jsonObjectSchema.describe('Any JSON object; given back as it was stored.'),
  memory_type: z.enum(MEMORY_TYPES),
  importance: importance.describe('Set at write, 0 to 1.'),
  tags: tags.describe('Short labels to filter by.'),
  metadata: jsonObjectSchema.describe('Fields to filter by, as `metadata.<name>`.'),
  pinned: z.boolean().describe('Kept whatever policies say.'),
  session_id: storableText(200).min(1).describe('The conversation or run it belongs to.'),
  speaker: storableText(200).min(1).describe('Who said or did it.'),
  occurred_at: givenTime.describe('When it happened, if that is not now.'),
  expires_at: givenTime.describe('From then on it is not found any more.'),
};

export const linkOnStoreSchema = z.strictObject({
  to_coord: coord.describe('Coordinate of a memory in the same namespace.'),
  link_type: linkTypeSchema.default(DEFAULT_LINK_TYPE),
  strength: z.number().min(0).max(1).default(1),
  metadata: jsonObjectSchema.default({}),
});

export const storeMemorySchema = z
  .strictObject({
    coord: coord
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
    links: z.array(linkOnStoreSchema).max(100).default([]).describe('Links from the new memory.'),
  })
  .refine((memory) => memory.content !== undefined || Object.keys(memory.payload).length > 0, {
    path: ['content'],
    message: 'give content, or a payload to draw it from',
  })
  .meta({
    id: 'StoreMemory',
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
    session_id: attributes.session_id.nullable(),
    speaker: attributes.speaker.nullable(),
    occurred_at: attributes.occurred_at.nullable(),
    expires_at: attributes.expires_at.nullable(),
  })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one field to change')
  .meta({ id: 'PatchMemory', example: { importance: 0.9, tags: ['preference', 'checked'] } });

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
    session_id: z.string().nullable(),
    speaker: z.string().nullable(),
    occurred_at: time.nullable(),
    expires_at: time.nullable(),
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
