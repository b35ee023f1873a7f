import { isStorableText } from '@soma/core';
import { z } from 'zod';

/** Text that Postgres and JSON store unchanged: no NUL, no lone surrogate. */
export const storableText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine(isStorableText, 'holds a NUL or half a surrogate pair, which cannot be stored');

export const namespaceSchema = storableText(200)
  .min(1)
  .transform((text) => text.normalize('NFC'))
  .describe("A partition inside the tenant: one agent's, user's or app's memories.");

const jsonValueSchema = z.json().register(z.globalRegistry, {
  id: 'JsonValue',
  description: 'Any JSON value.',
  example: { topic: 'language', weight: 0.5 },
});

/** Registered, not `meta`: that would copy the schema, and what it holds inside would have no name. */
export const jsonObjectSchema = z.record(z.string(), jsonValueSchema);

export const linkTypeSchema = storableText(100).min(1).describe('What the link says.');
export const DEFAULT_NAMESPACE = 'default';
export const DEFAULT_LINK_TYPE = 'related';
