import { CURSOR_PATTERN, isStorableText, isStorableTime } from '@soma/core';
import { z } from 'zod';

/** Text that Postgres and JSON store unchanged: no NUL, no lone surrogate. */
export const storableText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine(isStorableText, 'holds a NUL or half a surrogate pair, which cannot be stored');

/** A moment that every store can hold, as it was written. */
export const storableTime = z.iso
  .datetime({ offset: true })
  .refine(isStorableTime, 'is not of the years 1 to 9999');

/** The same, as `Date.toISOString` writes it. */
export const givenTime = storableTime.transform((text) => new Date(text).toISOString());

/** A text with something in it besides white space. */
export const writtenText = (maxLength: number) =>
  storableText(maxLength)
    .min(1)
    .regex(/[^\s\ufeff]/, 'must not be blank');

export const namespaceSchema = storableText(200)
  .min(1)
  .transform((text) => text.normalize('NFC'))
  .describe("A partition inside the tenant: one agent's, user's or app's memories.");

/** What `next_cursor` gives, as it was given. */
export const cursorSchema = z.string().min(1).max(2_000).meta({ pattern: CURSOR_PATTERN });

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
