import {
  coordinateSchema,
  DEFAULT_LINK_TYPE,
  DEFAULT_NAMESPACE,
  jsonObjectSchema,
  linkTypeSchema,
  memoryExample,
  memorySchema,
  namespaceSchema,
} from '@soma/memory';
import { z } from 'zod';

export const MAX_DEPTH = 6;
export const MAX_PATH_LENGTH = 32;

const id = z.uuid();
const time = z.iso.datetime({ offset: true });

const ends = {
  from_coord: coordinateSchema.optional().describe('Coordinate of the memory the link starts at.'),
  from_id: id.optional().describe('Or its id.'),
  to_coord: coordinateSchema.optional().describe('Coordinate of the memory the link leads to.'),
  to_id: id.optional().describe('Or its id.'),
  namespace: namespaceSchema
    .default(DEFAULT_NAMESPACE)
    .describe('Where coordinates are looked up.'),
};

interface Ends {
  from_coord?: string;
  from_id?: string;
  to_coord?: string;
  to_id?: string;
}

const onePerEnd = (request: Ends): boolean =>
  (request.from_coord === undefined) !== (request.from_id === undefined) &&
  (request.to_coord === undefined) !== (request.to_id === undefined);
/** The same in the terms of OpenAPI, which has them for bodies but not for parameters. */
const ONE_PER_END = {
  allOf: [
    { oneOf: [{ required: ['from_coord'] }, { required: ['from_id'] }] },
    { oneOf: [{ required: ['to_coord'] }, { required: ['to_id'] }] },
  ],
};
const onePerEndMessage = 'give from_coord or from_id, and to_coord or to_id';

export const createLinkSchema = z
  .strictObject({
    ...ends,
    link_type: linkTypeSchema.default(DEFAULT_LINK_TYPE),
    strength: z.number().min(0).max(1).default(1),
    metadata: jsonObjectSchema.default({}),
  })
  .refine(onePerEnd, onePerEndMessage)
  .meta({
    id: 'CreateLink',
    ...ONE_PER_END,
    example: {
      from_coord: '1.0,2.0,3.0',
      to_coord: '4.0,5.0,6.0',
      link_type: 'causes',
      strength: 0.8,
    },
  });

export const deleteLinkSchema = z
  .strictObject({
    ...ends,
    link_type: linkTypeSchema.optional().describe('Without it, links of every type go.'),
  })
  .refine(onePerEnd, onePerEndMessage)
  .meta({
    id: 'DeleteLink',
    ...ONE_PER_END,
    example: { from_coord: '1,2,3', to_coord: '4,5,6' },
  });

export const deletedLinksSchema = z
  .object({ deleted: z.number().int() })
  .meta({ id: 'DeletedLinks', examples: [{ deleted: 1 }] });

const linkExample = {
  id: '019aa5a0-2222-7000-8000-000000000001',
  from_id: memoryExample.id,
  from_coord: '1,2,3',
  to_id: '019aa5a0-1111-7000-8000-000000000002',
  to_coord: '4,5,6',
  link_type: 'causes',
  strength: 0.8,
  metadata: {},
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
};

export const linkSchema = z
  .object({
    id,
    from_id: id,
    from_coord: z.string(),
    to_id: id,
    to_coord: z.string(),
    link_type: z.string(),
    strength: z.number(),
    metadata: jsonObjectSchema,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Link', examples: [linkExample] });

export const neighborsQuerySchema = z
  .strictObject({
    coord: coordinateSchema.optional().describe('Coordinate of the memory to start from.'),
    id: id.optional().describe('Or its id.'),
    namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
    link_type: linkTypeSchema.optional(),
    direction: z
      .enum(['out', 'in', 'both'])
      .default('both')
      .describe('Along links, against them, or both ways.'),
    depth: z.coerce.number().int().min(1).max(MAX_DEPTH).default(1).describe('Most links away.'),
    limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many.'),
  })
  .refine((query) => (query.coord === undefined) !== (query.id === undefined), 'give coord or id');

export const neighborsSchema = z
  .object({
    neighbors: z
      .array(
        z.object({
          memory: memorySchema,
          depth: z.number().int().describe('Links away.'),
          link: linkSchema.describe('The link it was reached by.'),
        }),
      )
      .describe('Nearest first, then strongest.'),
    truncated: z.boolean().describe('True when there are more.'),
  })
  .meta({
    id: 'Neighbors',
    examples: [
      { neighbors: [{ memory: memoryExample, depth: 1, link: linkExample }], truncated: false },
    ],
  });

export const pathQuerySchema = z
  .strictObject({
    ...ends,
    link_type: linkTypeSchema.optional(),
    max_length: z.coerce
      .number()
      .int()
      .min(1)
      .max(MAX_PATH_LENGTH)
      .default(6)
      .describe('Most links on the path.'),
    weight: z
      .enum(['hops', 'strength'])
      .default('hops')
      .describe('Fewest links, or the chain whose strengths multiply to most.'),
  })
  .refine(onePerEnd, onePerEndMessage);

export const pathSchema = z
  .object({
    found: z.boolean(),
    length: z.number().int().nullable().describe('Links on the path.'),
    strength: z.number().nullable().describe('Product of their strengths.'),
    memories: z.array(memorySchema).describe('From start to end.'),
    links: z.array(linkSchema),
    truncated: z.boolean().describe('True when the search stopped at its budget.'),
  })
  .meta({
    id: 'Path',
    examples: [
      {
        found: true,
        length: 1,
        strength: 0.8,
        memories: [memoryExample, memoryExample],
        links: [linkExample],
        truncated: false,
      },
    ],
  });

export type CreateLink = z.infer<typeof createLinkSchema>;
export type DeleteLink = z.infer<typeof deleteLinkSchema>;
export type DeletedLinks = z.infer<typeof deletedLinksSchema>;
export type Link = z.infer<typeof linkSchema>;
export type NeighborsQuery = z.infer<typeof neighborsQuerySchema>;
export type Neighbors = z.infer<typeof neighborsSchema>;
export type PathQuery = z.infer<typeof pathQuerySchema>;
export type Path = z.infer<typeof pathSchema>;
