import type { Memory, MemoryType } from '@soma/memory';
import type { MaybeSealed } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { OWN_VALIDITY, VALIDITY, type ValidityColumn } from './fact-sql.js';

/** A memory as the queries select it; read by a client once a RowCipher has opened it. */
export interface MemoryRow extends MaybeSealed {
  namespace: string;
  coordinate: string;
  memory_type: MemoryType;
  tier: number;
  tags: string[];
  importance: number;
  pinned: boolean;
  dedup: Memory['dedup'];
  prediction: string | null;
  sealed_prediction: Uint8Array | null;
  session_id: string | null;
  speaker: string | null;
  occurred_at: Date | null;
  expires_at: Date | null;
  source: Memory['source'];
  trust: number;
  written_by: string | null;
  slot: string | null;
  validity: ValidityColumn | null;
  embedding: Memory['embedding'];
  version: number;
  access_count: number;
  last_accessed_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** Of a vector `e` that searches compare. */
export const OF_ACTIVE_MODEL = Prisma.sql`e.model = coalesce(
  (SELECT used.model FROM embedding_models used WHERE used.state = 'active'), e.model)`;

const columns = (
  validity: Prisma.Sql,
): Prisma.Sql => Prisma.sql`m.id, m.namespace, m.coordinate, m.memory_type, m.tier,
  m.content, m.payload, m.metadata, m.tags, m.importance, m.pinned, m.dedup, m.prediction, m.session_id,
  m.speaker, m.occurred_at, m.expires_at, m.source, m.trust, m.written_by, m.slot, ${validity} AS validity,
  CASE WHEN EXISTS (
    SELECT 1 FROM embeddings e
    WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND ${OF_ACTIVE_MODEL})
    THEN 'ready' ELSE 'pending' END AS embedding, m.version, m.access_count, m.last_accessed_at, m.created_at,
  m.updated_at, m.sealed_content, m.sealed_payload, m.sealed_metadata, m.sealed_prediction`;

/** The columns of MemoryRow, of memories as they are now, named `m`. */
export const MEMORY_COLUMNS = columns(VALIDITY);
/** Of a subquery `m` that has the intervals of its facts itself. */
export const EARLIER_COLUMNS = columns(OWN_VALIDITY);

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
    dedup: row.dedup,
    prediction: row.prediction,
    session_id: row.session_id,
    speaker: row.speaker,
    occurred_at: isoOrNull(row.occurred_at),
    expires_at: isoOrNull(row.expires_at),
    source: row.source,
    trust: row.trust,
    written_by: row.written_by,
    quarantined: false,
    slot: row.slot,
    valid_from: row.validity && iso(row.validity.from),
    valid_to: row.validity?.to ? iso(row.validity.to) : null,
    superseded_by: row.validity?.by ?? null,
    embedding: row.embedding,
    version: row.version,
    access_count: row.access_count,
    last_accessed_at: isoOrNull(row.last_accessed_at),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

const iso = (time: string): string => new Date(time).toISOString();

function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
