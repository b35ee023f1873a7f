import type { Archived } from '@soma/forgetting';
import type { MaybeSealed } from '../encryption/row-cipher.js';

export interface MemoryRow extends MaybeSealed {
  readonly namespace: string;
  readonly coordinate: string;
  readonly memory_type: string;
  readonly salience: number;
  readonly archived_at: Date;
  readonly purge_at: Date;
}

export interface FieldsRow {
  readonly id: string;
  readonly memory_id: string;
  readonly namespace: string;
  readonly payload_keys: string[];
  readonly metadata_keys: string[];
  readonly archived_at: Date;
  readonly purge_at: Date;
}

export const archivedOfMemory = (row: MemoryRow): Archived => ({
  id: row.id,
  kind: 'memory',
  memory_id: row.id,
  namespace: row.namespace,
  coordinate: row.coordinate,
  memory_type: row.memory_type,
  content: row.content,
  salience: row.salience,
  payload_keys: [],
  metadata_keys: [],
  archived_at: row.archived_at.toISOString(),
  purge_at: row.purge_at.toISOString(),
});

export const archivedOfFields = (row: FieldsRow): Archived => ({
  id: row.id,
  kind: 'fields',
  memory_id: row.memory_id,
  namespace: row.namespace,
  coordinate: null,
  memory_type: null,
  content: null,
  salience: null,
  payload_keys: row.payload_keys,
  metadata_keys: row.metadata_keys,
  archived_at: row.archived_at.toISOString(),
  purge_at: row.purge_at.toISOString(),
});
