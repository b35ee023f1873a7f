import type { Merged } from '@soma/merging';
import type { MaybeSealed } from '../encryption/row-cipher.js';

export interface MergedRow extends MaybeSealed {
  readonly coordinate: string;
  readonly cosine: number;
  readonly shared_words: number;
  readonly archived_at: Date;
  readonly merged_by: string | null;
  readonly created_at: Date;
}

export const mergedOfRow = (row: MergedRow): Merged => ({
  id: row.id,
  coordinate: row.coordinate,
  content: row.content,
  cosine: row.cosine,
  shared_words: row.shared_words,
  merged_at: row.archived_at.toISOString(),
  merged_by: row.merged_by,
  created_at: row.created_at.toISOString(),
});
