import { z } from 'zod';
import { writtenText } from './text.schema.js';

export const SOURCE_KINDS = ['user', 'agent', 'tool', 'web', 'import', 'derived'] as const;

/** Where what a memory says comes from, as its writer says. */
export const sourceSchema = z
  .strictObject({
    kind: z.enum(SOURCE_KINDS),
    name: writtenText(200).optional().describe('Which one: a user, a tool, an address.'),
  })
  .describe('Where it comes from, in the words of whoever wrote it.');

export const trustSchema = z
  .number()
  .min(0)
  .max(1)
  .describe('How far it may be relied on, 0 to 1; at most what the token may give.');

export type Source = z.infer<typeof sourceSchema>;
