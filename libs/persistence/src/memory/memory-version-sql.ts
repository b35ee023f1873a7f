import { Prisma } from '../generated/client.js';

/** What a version keeps, of a table or subquery named `m`. */
export const VERSION_SNAPSHOT = Prisma.sql`jsonb_build_object('memory_type', m.memory_type,
  'tier', m.tier, 'content', m.content, 'payload', m.payload, 'metadata', m.metadata,
  'tags', m.tags, 'importance', m.importance, 'pinned', m.pinned, 'session_id', m.session_id,
  'speaker', m.speaker, 'occurred_at', m.occurred_at, 'expires_at', m.expires_at)`;

/** Height in the hierarchy of what a client stores, of a table or subquery named `d`. */
export const TIER_OF_TYPE = Prisma.sql`CASE d.memory_type
  WHEN 'semantic' THEN 1 WHEN 'summary' THEN 2 ELSE 0 END`;
