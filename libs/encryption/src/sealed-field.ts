import type { MemoryId } from '@soma/core';

/**
 * What can be kept encrypted: columns of a memory and of its versions, the prediction with the
 * content, the metadata of links, the vectors kept in the database, and answers kept under
 * idempotency keys.
 */
export const SEALED_FIELDS = [
  'content',
  'payload',
  'metadata',
  'links',
  'vectors',
  'answers',
] as const;
export type SealedField = (typeof SEALED_FIELDS)[number];

/** Those a tenant may choose alone; answers repeat them, so they go along. */
export const CHOSEN_FIELDS = ['payload', 'metadata'] as const;
export type ChosenField = (typeof CHOSEN_FIELDS)[number];

/** The row a sealed value belongs to: a memory's id, or what names another kind of row. */
export type RowId = MemoryId | string;
