import type { Link } from '@soma/graph';
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
  created_at: Date;
  updated_at: Date;
}

/** Of links `l` between memories `f` and `t`. */
export const LINK_COLUMNS = Prisma.sql`l.id, l.from_id, f.coordinate AS from_coord, l.to_id,
  t.coordinate AS to_coord, l.link_type, l.strength, l.metadata, l.created_at, l.updated_at`;

export function linkOfRow(row: LinkRow): Link {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
