import type { TenantScope } from '@soma/core';
import type { RowCipher } from '../encryption/row-cipher.js';
import { COLUMNS } from '../encryption/sealing.js';
import type { Snapshot, StoredSnapshot } from './quarantine-drafts.js';

export interface StoredRow {
  id: string;
  snapshot: StoredSnapshot;
}

export interface QuarantineRow extends StoredRow {
  namespace: string;
  coordinate: string;
  written_by: string;
  written_at: Date;
}

/** Each row with its snapshot opened. */
export async function snapshotsOf<Row extends StoredRow>(
  scope: TenantScope,
  rows: readonly Row[],
  cipher: RowCipher,
): Promise<{ row: Row; snapshot: Snapshot }[]> {
  const sealed = rows.flatMap((row) => sealedOf(row) ?? []);
  const open = sealed.length > 0 ? await cipher.opener(scope, sealed) : undefined;
  return rows.map((row) => {
    if (!('sealed' in row.snapshot)) return { row, snapshot: row.snapshot };
    const bytes = sealedOf(row);
    if (!bytes || !open) throw new Error('A sealed snapshot was not opened.');
    return { row, snapshot: JSON.parse(open(bytes).toString('utf8')) as Snapshot };
  });
}

function sealedOf({ id: rowId, snapshot }: StoredRow) {
  if (!('sealed' in snapshot)) return undefined;
  return { rowId, column: COLUMNS.quarantined, bytes: Buffer.from(snapshot.sealed, 'base64') };
}
