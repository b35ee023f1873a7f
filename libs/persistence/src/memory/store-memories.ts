import type { TenantScope } from '@soma/core';
import type { MemoryDraft } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-row.js';
import { TIER_OF_TYPE, VERSION_SNAPSHOT } from './memory-version-sql.js';

/**
 * Writes drafts of distinct coordinates: new memories, or the next version where a coordinate is
 * taken; and the version rows. Rows are taken in coordinate order, so that two writers of the same
 * coordinates wait for each other instead of deadlocking.
 */
export function upsertMemories(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
  now: Date,
): Promise<MemoryRow[]> {
  return transaction.query<MemoryRow[]>`
    WITH m AS (
      INSERT INTO memories AS stored (tenant_id, id, namespace, coordinate, coordinate_values,
        memory_type, tier, content, payload, metadata, tags, importance, pinned, session_id,
        speaker, occurred_at, expires_at, created_at, updated_at)
      SELECT ${scope.tenantId}::uuid, d.id, d.namespace, d.coordinate, d.coordinate_values,
        d.memory_type, ${TIER_OF_TYPE}, d.content, d.payload, d.metadata, d.tags, d.importance,
        d.pinned, d.session_id, d.speaker, d.occurred_at, d.expires_at, ${now}, ${now}
      FROM jsonb_to_recordset(${JSON.stringify(drafts.map(memoryColumns))}::jsonb) AS d (
        id uuid, namespace text, coordinate text, coordinate_values float8[], memory_type text,
        content text, payload jsonb, metadata jsonb, tags text[], importance float8,
        pinned boolean, session_id text, speaker text, occurred_at timestamptz,
        expires_at timestamptz)
      ORDER BY d.namespace, d.coordinate COLLATE "C"
      ON CONFLICT (tenant_id, namespace, coordinate) DO UPDATE SET
        memory_type = excluded.memory_type, tier = excluded.tier, content = excluded.content,
        payload = excluded.payload, metadata = excluded.metadata, tags = excluded.tags,
        importance = excluded.importance, pinned = excluded.pinned,
        session_id = excluded.session_id, speaker = excluded.speaker,
        occurred_at = excluded.occurred_at, expires_at = excluded.expires_at,
        version = stored.version + 1, updated_at = excluded.updated_at
      RETURNING *
    ), versions AS (
      INSERT INTO memory_versions (tenant_id, memory_id, version, snapshot, created_at)
      SELECT m.tenant_id, m.id, m.version, ${VERSION_SNAPSHOT}, m.updated_at FROM m
    )
    SELECT ${MEMORY_COLUMNS} FROM m`;
}

function memoryColumns(draft: MemoryDraft): Record<string, unknown> {
  const { coordinate, links: _links, embedding: _embedding, ...columns } = draft;
  return { ...columns, coordinate: coordinate.text, coordinate_values: coordinate.values };
}
