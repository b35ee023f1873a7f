import {
  cursorSchema,
  DEFAULT_NAMESPACE,
  givenTime,
  jsonObjectSchema,
  memoryExample,
  memorySchema,
  namespaceSchema,
} from '@soma/memory';
import { FILTER_DESCRIPTION } from '@soma/filter';
import { z } from 'zod';

export const MAX_SUMMARISED = 200;
export const MAX_TREE_DEPTH = 12;
const DEFAULT_WINDOW_SECONDS = 3_600;
const LONGEST_WINDOW_SECONDS = 315_360_000;
const time = z.iso.datetime({ offset: true });
const namespace = namespaceSchema.default(DEFAULT_NAMESPACE);
const nodeExample = {
  ...memoryExample,
  id: 'c1f0f3a4-8c0e-8d3b-9a57-2f1e6d0b7c11',
  memory_type: 'semantic' as const,
  tier: 1,
  content: 'Ann: The launch moved to March. Bob: The budget is approved.',
};

export const consolidateSchema = z
  .strictObject({
    namespace: namespaceSchema
      .optional()
      .describe('Without it, every namespace that something changed in.'),
    window_seconds: z
      .number()
      .int()
      .min(1)
      .max(LONGEST_WINDOW_SECONDS)
      .default(DEFAULT_WINDOW_SECONDS)
      .describe('Consolidates around what was stored, changed or deleted so long ago at most.'),
  })
  .meta({ id: 'Consolidate', example: { namespace: 'default', window_seconds: 3600 } });

export const consolidatedSchema = z
  .object({
    namespaces: z
      .array(
        z.object({
          namespace: z.string(),
          created: z.number().int().describe('Nodes made.'),
          removed: z.number().int().describe('Nodes taken away, whose sources changed.'),
          waiting: z.number().int().describe('Changes that are still to be consolidated.'),
        }),
      )
      .describe('Those in which something was done, or is still to be.'),
    created: z.number().int(),
    removed: z.number().int(),
    done: z.boolean().describe('False when the time for one request was over; ask again.'),
  })
  .meta({
    id: 'Consolidated',
    examples: [
      {
        namespaces: [{ namespace: 'default', created: 3, removed: 0, waiting: 0 }],
        created: 3,
        removed: 0,
        done: true,
      },
    ],
  });

const nodeSchema = z
  .object({
    memory: memorySchema,
    from: time.describe('When the first of its episodes happened.'),
    to: time.describe('When the last did.'),
    episodes: z.number().int().describe('Episodes below it; 1 of an episode.'),
    depth: z.number().int().describe('Steps below the root shown.'),
    parent_id: z.uuid().nullable().describe('The node above it in this answer.'),
    sources: z.array(z.uuid()).describe('What it stands on, in time; none of an episode.'),
  })
  .meta({
    id: 'HierarchyNode',
    examples: [
      {
        memory: nodeExample,
        from: '2026-11-21T12:00:00.000Z',
        to: '2026-11-21T12:30:00.000Z',
        episodes: 2,
        depth: 0,
        parent_id: null,
        sources: [memoryExample.id],
      },
    ],
  });

export const treeQuerySchema = z.strictObject({
  namespace,
  root: z.uuid().optional().describe('Id of the node to start from; else those nothing stands on.'),
  depth: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_TREE_DEPTH)
    .default(1)
    .describe('Steps below each root that come along.'),
  from: givenTime.optional().describe('Only roots that end then or later.'),
  to: givenTime.optional().describe('Only roots that begin then or earlier.'),
  limit: z.coerce.number().int().min(1).max(200).default(20).describe('Most roots on a page.'),
  cursor: cursorSchema.optional().describe('`next_cursor` of the page before.'),
});

export const treeSchema = z
  .object({
    nodes: z.array(nodeSchema).describe('Roots in time, each followed by those below it.'),
    truncated: z.boolean().describe('More stand below than one answer holds: ask with `root`.'),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'HierarchyTree', examples: [{ nodes: [], truncated: false, next_cursor: null }] });

export const sourcesQuerySchema = z.strictObject({
  namespace: namespace.describe('Where a coordinate is looked up.'),
  direction: z
    .enum(['up', 'down'])
    .default('down')
    .describe('`down`: what the memory was drawn from; `up`: what was drawn from it.'),
  depth: z.coerce.number().int().min(1).max(MAX_TREE_DEPTH).default(1).describe('Most steps away.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many.'),
});

export const sourcesSchema = z
  .object({
    memory_id: z.uuid(),
    sources: z.array(
      z.object({
        memory: memorySchema,
        node_id: z.uuid().describe('The node of this step.'),
        version: z.number().int().describe('Of the source that the node was drawn from.'),
        weight: z.number().describe("The source's share of the node's episodes."),
        depth: z.number().int(),
      }),
    ),
    truncated: z.boolean(),
  })
  .meta({
    id: 'MemorySources',
    examples: [{ memory_id: nodeExample.id, sources: [], truncated: false }],
  });

const digestFields = {
  text: z.string(),
  memory_ids: z.array(z.uuid()).describe('What it was drawn from, in time.'),
  cited: z.array(z.uuid()).describe('Those of them whose words it has.'),
  method: z.enum(['extractive', 'chat']),
};
const stored = memorySchema.nullable().describe('What was stored, if that was asked for.');

export const reflectSchema = z
  .strictObject({
    namespace,
    n: z.number().int().min(1).max(MAX_SUMMARISED).default(20).describe('Episodes looked at.'),
    by: z.enum(['recent', 'important']).default('recent').describe('Which of them.'),
    max_tokens: z.number().int().min(16).max(4_096).default(128).describe('Of each digest.'),
    store: z.boolean().default(false).describe('Keep the digests as memories of type `summary`.'),
  })
  .meta({ id: 'Reflect', example: { n: 20, by: 'recent' } });

export const reflectionSchema = z
  .object({
    looked_at: z.number().int(),
    groups: z
      .array(z.object({ ...digestFields, from: time, to: time, memory: stored }))
      .describe('What they have in common, in time.'),
  })
  .meta({ id: 'Reflection', examples: [{ looked_at: 0, groups: [] }] });

export const summarizeSchema = z
  .strictObject({
    namespace,
    filter: jsonObjectSchema.optional().describe(`Which memories. ${FILTER_DESCRIPTION}`),
    ids: z.array(z.uuid()).min(1).max(MAX_SUMMARISED).optional(),
    max_tokens: z.number().int().min(16).max(4_096).default(256),
    store: z.boolean().default(false).describe('Keep it as a memory of type `summary`.'),
  })
  .refine((request) => (request.filter === undefined) !== (request.ids === undefined), {
    message: 'give either a filter or ids',
  })
  .meta({
    id: 'Summarize',
    oneOf: [{ required: ['filter'] }, { required: ['ids'] }],
    example: { filter: { tags: 'launch' }, max_tokens: 256 },
  });

export const summarySchema = z.object({ ...digestFields, memory: stored }).meta({
  id: 'Summary',
  examples: [
    {
      text: 'Ann: The launch moved to March.',
      memory_ids: [memoryExample.id],
      cited: [memoryExample.id],
      method: 'extractive',
      memory: null,
    },
  ],
});

export type Consolidate = z.infer<typeof consolidateSchema>;
export type Consolidated = z.infer<typeof consolidatedSchema>;
export type TreeQuery = z.infer<typeof treeQuerySchema>;
export type HierarchyTree = z.infer<typeof treeSchema>;
export type ShownNode = z.infer<typeof nodeSchema>;
export type SourcesQuery = z.infer<typeof sourcesQuerySchema>;
export type MemorySources = z.infer<typeof sourcesSchema>;
export type Reflect = z.infer<typeof reflectSchema>;
export type Reflection = z.infer<typeof reflectionSchema>;
export type Summarize = z.infer<typeof summarizeSchema>;
export type Summary = z.infer<typeof summarySchema>;
