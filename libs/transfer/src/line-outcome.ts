import { type BulkItemResult, type ItemError, itemErrorOf } from '@soma/memory';
import { SomaError } from '@soma/core';
import type { ImportQuery } from './import.schema.js';

/** What became of one line. */
export type LineOutcome =
  | { readonly kind: 'stored' | 'replaced' | 'skipped'; readonly isQuarantined?: boolean }
  | { readonly kind: 'failed'; readonly error: ItemError & { readonly status: number } };

export const failedBy = (error: SomaError): LineOutcome => ({
  kind: 'failed',
  error: { status: error.status, ...itemErrorOf(error) },
});

/** Of a memory, as a bulk answered. */
export function outcomeOfItem(
  { status, memory, error }: BulkItemResult,
  onConflict: ImportQuery['on_conflict'],
): LineOutcome {
  if (memory) {
    const kind = memory.version > 1 ? 'replaced' : 'stored';
    return { kind, isQuarantined: memory.quarantined };
  }
  if (!error) throw new Error('An item of a bulk has neither a memory nor an error.');
  if (error.code === 'COORDINATE_TAKEN' && onConflict === 'skip') return { kind: 'skipped' };
  return { kind: 'failed', error: { status, ...error } };
}
