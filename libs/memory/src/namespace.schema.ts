import { z } from 'zod';
import { MAX_PAGE } from './memory-list.schema.js';
import { cursorSchema } from './text.schema.js';

/**
 * Text search configurations that PostgreSQL 15 and the embedded database both have. `simple` stems
 * nothing and leaves no word out.
 */
export const LANGUAGES = [
  'arabic',
  'armenian',
  'basque',
  'catalan',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'irish',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'serbian',
  'simple',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
  'yiddish',
] as const;

const language = z
  .enum(LANGUAGES)
  .describe(
    'How words are stemmed; `simple` stems none. Chinese, Japanese and Korean are found in every language.',
  );
const namespaceExample = { namespace: 'default', language: 'english' as const, memories: 42 };

export const namespaceStateSchema = z
  .object({
    namespace: z.string(),
    language,
    memories: z
      .number()
      .int()
      .describe('How many it holds; those that have expired count, superseded facts do not.'),
  })
  .meta({ id: 'Namespace', examples: [namespaceExample] });

export const namespacePageSchema = z
  .object({
    namespaces: z.array(namespaceStateSchema).describe('By name.'),
    next_cursor: z.string().nullable().describe('Send it to get the next page; null at the end.'),
  })
  .meta({
    id: 'NamespacePage',
    examples: [{ namespaces: [namespaceExample], next_cursor: null }],
  });

export const namespaceDeletionSchema = z
  .object({
    namespace: z.string(),
    matched: z.number().int().describe('Memories it held.'),
    deleted: z.number().int().describe('Less than `matched` while the service finishes it.'),
    receipt_id: z.uuid().describe('What `GET /deletions/{id}` knows it by.'),
  })
  .meta({
    id: 'NamespaceDeletion',
    examples: [
      {
        namespace: 'default',
        matched: 42,
        deleted: 42,
        receipt_id: '019aa5a0-0000-7000-8000-000000000003',
      },
    ],
  });

export const listNamespacesSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50).describe('Most on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

export const setNamespaceSchema = z
  .strictObject({ language })
  .meta({ id: 'SetNamespace', example: { language: 'german' } });

export type Language = (typeof LANGUAGES)[number];
export type Namespace = z.infer<typeof namespaceStateSchema>;
export type NamespacePage = z.infer<typeof namespacePageSchema>;
export type NamespaceDeletion = z.infer<typeof namespaceDeletionSchema>;
export type ListNamespaces = z.infer<typeof listNamespacesSchema>;
export type SetNamespace = z.infer<typeof setNamespaceSchema>;
