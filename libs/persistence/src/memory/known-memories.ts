import type { TenantScope } from '@soma/core';
import { Prisma } from '../generated/client.js';

/** What VERSION_SNAPSHOT keeps. */
const SNAPSHOT_COLUMNS = Prisma.sql`memory_type text, tier int, content text, payload jsonb,
  metadata jsonb, tags text[], importance float8, pinned boolean, dedup text, prediction text,
  session_id text, speaker text, occurred_at timestamptz, expires_at timestamptz, source jsonb, trust float8, slot text,
  valid_from timestamptz, sealed_content text, sealed_payload text,
  sealed_metadata text, sealed_prediction text`;

/**
 * A memory `c` as its version `v` was, with the columns of the table of memories that clients see.
 * Accesses are not versioned: their counts are today's. Derived memories have no versions.
 */
const AS_VERSION = Prisma.sql`c.tenant_id, c.id, c.namespace, c.coordinate, c.coordinate_values,
  s.memory_type, s.tier, s.content, s.payload, s.metadata, s.tags, s.importance, s.pinned,
  coalesce(s.dedup, 'allow') AS dedup, s.prediction,
  s.session_id, s.speaker, s.occurred_at, s.expires_at, s.source, coalesce(s.trust, 1) AS trust,
  s.slot, CASE WHEN s.slot IS NOT NULL THEN coalesce(s.valid_from, s.occurred_at, c.created_at) END
    AS valid_from, v.written_by, v.version, c.access_count,
  c.last_accessed_at, c.created_at, v.created_at AS updated_at, c.derived,
  decode(s.sealed_content, 'base64') AS sealed_content,
  decode(s.sealed_payload, 'base64') AS sealed_payload,
  decode(s.sealed_metadata, 'base64') AS sealed_metadata,
  decode(s.sealed_prediction, 'base64') AS sealed_prediction`;

/** Every version of every memory that is there today, as a subquery; facts without their ends. */
export function versionedMemories(scope: TenantScope): Prisma.Sql {
  return Prisma.sql`(
    SELECT ${AS_VERSION}, NULL::timestamptz AS valid_to, NULL::uuid AS superseded_by
    FROM memories c
    JOIN memory_versions v ON v.tenant_id = c.tenant_id AND v.memory_id = c.id,
      jsonb_to_record(v.snapshot) AS s (${SNAPSHOT_COLUMNS})
    WHERE c.tenant_id = ${scope.tenantId}::uuid AND ${STILL_THERE})`;
}

/**
 * Memories as they were known at a moment, as a subquery: one row for each that was there, with the
 * intervals of facts as they were known then. Narrowed to a namespace or slot it reads no other.
 */
export function knownMemories(scope: TenantScope, moment: Date): Prisma.Sql {
  return Prisma.sql`(
    SELECT k.*, CASE WHEN k.slot IS NOT NULL THEN lead(k.valid_from) OVER slots END AS valid_to,
      CASE WHEN k.slot IS NOT NULL THEN lead(k.id) OVER slots END AS superseded_by
    FROM ${versionsKnown(scope, moment)} k
    WINDOW slots AS (PARTITION BY k.namespace, k.slot ORDER BY k.valid_from, k.created_at, k.id))`;
}

/** The same, facts without their ends: for one of them, without a look at the others. */
export function knownVersions(scope: TenantScope, moment: Date): Prisma.Sql {
  return Prisma.sql`(
    SELECT k.*, NULL::timestamptz AS valid_to, NULL::uuid AS superseded_by
    FROM ${versionsKnown(scope, moment)} k)`;
}

function versionsKnown(scope: TenantScope, moment: Date): Prisma.Sql {
  return Prisma.sql`(
    SELECT ${AS_VERSION} FROM memories c, LATERAL (
      SELECT * FROM memory_versions v
      WHERE v.tenant_id = c.tenant_id AND v.memory_id = c.id AND v.created_at <= ${moment}
      ORDER BY v.version DESC LIMIT 1) v,
      jsonb_to_record(v.snapshot) AS s (${SNAPSHOT_COLUMNS})
    WHERE c.tenant_id = ${scope.tenantId}::uuid AND ${STILL_THERE}
      AND (s.expires_at IS NULL OR s.expires_at > ${moment}))`;
}

const STILL_THERE = Prisma.sql`(c.expires_at IS NULL OR c.expires_at > now())`;

/** As they were known at a moment or, without one, as they are. */
export const memoriesOf = (
  scope: TenantScope,
  { knownAt }: { readonly knownAt?: Date | undefined },
): Prisma.Sql => (knownAt ? knownMemories(scope, knownAt) : Prisma.sql`memories`);
