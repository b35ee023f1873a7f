import type { TenantScope } from '@soma/core';
import type { Link } from '@soma/graph';
import type { Opener, RowCipher } from '../encryption/row-cipher.js';
import { linkColumn } from '../encryption/sealing.js';
import { Prisma } from '../generated/client.js';

export interface LinkRow {
  id: string;
  from_id: string;
  from_coord: string;
  to_id: string;
  to_coord: string;
  link_type: string;
  strength: number;
  metadata: Link['metadata'];
  sealed_metadata: Uint8Array | null;
  created_at: Date;
  updated_at: Date;
}

/** Of links `l` between memories `f` and `t`. */
export const LINK_COLUMNS = Prisma.sql`l.id, l.from_id, f.coordinate AS from_coord, l.to_id,
  t.coordinate AS to_coord, l.link_type, l.strength, l.metadata, l.sealed_metadata, l.created_at, l.updated_at`;

/** Links of a tenant, their metadata opened. */
export async function linksOfRows(
  scope: TenantScope,
  rows: readonly LinkRow[],
  cipher: RowCipher,
): Promise<Link[]> {
  const values = rows.flatMap((row) => sealedMetadata(row) ?? []);
  const open = values.length > 0 ? await cipher.opener(scope, values) : undefined;
  return rows.map((row) => linkOfRow(row, open));
}

function sealedMetadata({ from_id, to_id, link_type, sealed_metadata: bytes }: LinkRow) {
  return bytes ? { rowId: from_id, column: linkColumn(to_id, link_type), bytes } : undefined;
}

function linkOfRow(row: LinkRow, open: Opener | undefined): Link {
  const { sealed_metadata: _sealed, ...columns } = row;
  const sealed = sealedMetadata(row);
  return {
    ...columns,
    ...(sealed &&
      open && { metadata: JSON.parse(open(sealed).toString('utf8')) as Link['metadata'] }),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
