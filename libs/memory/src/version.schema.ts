import { z } from 'zod';
import { addressQuerySchema, MAX_PAGE } from './memory-list.schema.js';
import { memoryExample } from './memory.examples.js';
import { memorySchema } from './memory.schema.js';
import { cursorSchema } from './text.schema.js';

const MOST_VERSIONS = 2_147_483_647;

export const listVersionsSchema = addressQuerySchema.extend({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Most on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

export const versionNumberSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(MOST_VERSIONS)
  .meta({ example: 1 });

export const versionPageSchema = z
  .object({
    versions: z
      .array(memorySchema)
      .describe('Newest first; `updated_at` says when each was written, the first is in force.'),
    next_cursor: z.string().nullable().describe('Send it to get the next page; null at the end.'),
  })
  .meta({ id: 'VersionPage', examples: [{ versions: [memoryExample], next_cursor: null }] });

export type ListVersions = z.infer<typeof listVersionsSchema>;
export type VersionPage = z.infer<typeof versionPageSchema>;
