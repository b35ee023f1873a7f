import type { Memory, MemoryType } from '@soma/memory';
import { Prisma } from '../generated/client.js';

/** A memory as the queries select it. */
export interface MemoryRow {
  id: string;
  namespace: string;
  coordinate: string;
  memory_type: MemoryType;
  tier: number;
  content: string;
  payload: Memory['payload'];
  metadata: Memory['metadata'];
  tags: string[];
  importance: number;
  pinned: boolean;
  session_id: string | null;
  speaker: string | null;
  occurred_at: Date | null;
  expires_at: Date | null;
  embedding: Memory['embedding'];
  version: number;
  access_count: number;
  last_accessed_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** The columns of MemoryRow, of a table or subquery named `m`. */
export const MEMORY_COLUMNS = Prisma.sql`m.id, m.namespace, m.coordinate, m.memory_type, m.tier,
  m.content, m.payload, m.metadata, m.tags, m.importance, m.pinned, m.session_id, m.speaker,
  m.occurred_at, m.expires_at, CASE WHEN EXISTS (
    SELECT 1 FROM embeddings e WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id)
    THEN 'ready' ELSE 'pending' END AS embedding, m.version, m.access_count, m.last_accessed_at, m.created_at,
  m.updated_at`;

/** What a client may still see of a table or subquery named `m`. */
export const NOT_EXPIRED = Prisma.sql`(m.expires_at IS NULL OR m.expires_at > now())`;

export function memoryOfRow(row: MemoryRow): Memory {
  return {
    id: row.id,
    coordinate: row.coordinate,
    namespace: row.namespace,
    memory_type: row.memory_type,
    tier: row.tier,
    content: row.content,
    payload: row.payload,
    metadata: row.metadata,
    tags: row.tags,
    importance: row.importance,
    pinned: row.pinned,
    session_id: row.session_id,
    speaker: row.speaker,
    occurred_at: isoOrNull(row.occurred_at),
    expires_at: isoOrNull(row.expires_at),
    embedding: row.embedding,
    version: row.version,
    access_count: row.access_count,
    last_accessed_at: isoOrNull(row.last_accessed_at),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
