import { memoryId, type TenantScope } from '@soma/core';
import type { IndexEntry } from '@soma/vector-index';
import type { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';

export interface EntryRow {
  entry_id: string;
  memory_id: string;
  namespace: string;
  model: string;
  vector: Uint8Array;
  memory_type: string;
  tier: number;
  importance: number;
  trust: number;
  created_at: Date;
  updated_at: Date;
  coordinate: string;
  tags: string[];
  session_id: string | null;
  speaker: string | null;
  occurred_at: Date | null;
  metadata: Record<string, unknown>;
}

/** Of embeddings `e` joined to memories `m`. */
export const ENTRY_COLUMNS = Prisma.sql`e.entry_id, e.memory_id, e.namespace, e.model, e.vector,
  m.memory_type, m.tier, m.importance, m.trust, m.created_at, m.updated_at, m.coordinate, m.tags,
  m.session_id, m.speaker, m.occurred_at, m.metadata`;

/** Entries of the index, their vectors opened; metadata that is sealed stays out of it. */
export async function entriesOfRows(
  scope: TenantScope,
  rows: readonly EntryRow[],
  cipher: RowCipher,
): Promise<IndexEntry[]> {
  const vectors = await cipher.vectors(scope, rows);
  return rows.map((row, at) => entryOfRow(row, vectors[at] ?? new Float32Array()));
}

function entryOfRow(row: EntryRow, vector: Float32Array): IndexEntry {
  return {
    entryId: row.entry_id,
    memoryId: memoryId(row.memory_id),
    namespace: row.namespace,
    model: row.model,
    vector,
    attributes: {
      memory_type: row.memory_type,
      tier: row.tier,
      importance: row.importance,
      trust: row.trust,
      created_at: row.created_at.getTime(),
      updated_at: row.updated_at.getTime(),
      coordinate: row.coordinate,
      tags: row.tags,
      session_id: row.session_id,
      speaker: row.speaker,
      occurred_at: row.occurred_at?.getTime() ?? null,
      metadata: row.metadata,
    },
  };
}
