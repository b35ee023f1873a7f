import type { Memory } from '@soma/memory';
import { Prisma } from '../generated/client.js';

/** What a version keeps, sealed as the memory is, of a table or subquery named `m`. */
export const VERSION_SNAPSHOT = Prisma.sql`jsonb_build_object('memory_type', m.memory_type,
  'tier', m.tier, 'content', m.content, 'payload', m.payload, 'metadata', m.metadata,
  'tags', m.tags, 'importance', m.importance, 'pinned', m.pinned, 'dedup', m.dedup, 'session_id', m.session_id,
  'speaker', m.speaker, 'occurred_at', m.occurred_at, 'expires_at', m.expires_at,
  'source', m.source, 'trust', m.trust)
  || jsonb_strip_nulls(jsonb_build_object('prediction', m.prediction, 'slot', m.slot, 'valid_from', m.valid_from,
    'sealed_content', encode(m.sealed_content, 'base64'),
    'sealed_payload', encode(m.sealed_payload, 'base64'),
    'sealed_metadata', encode(m.sealed_metadata, 'base64'),
    'sealed_prediction', encode(m.sealed_prediction, 'base64')))`;

/** Height in the hierarchy of what a client stores. */
export const TIERS: Readonly<Record<Memory['memory_type'], number>> = {
  episodic: 0,
  procedural: 0,
  semantic: 1,
  summary: 2,
};

/** The same of a table or subquery named `d`. */
export const TIER_OF_TYPE = Prisma.raw(
  `CASE d.memory_type ${Object.entries(TIERS)
    .map(([type, tier]) => `WHEN '${type}' THEN ${tier}`)
    .join(' ')} END`,
);
