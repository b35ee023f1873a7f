import type { TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import { appendEventOf } from '../audit/audit-row.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { linkColumn, type Sealing } from '../encryption/sealing.js';

export interface LinkDraftRow {
  readonly fromId: string;
  readonly toId: string;
  readonly linkType: string;
  readonly strength: number;
  readonly metadata: unknown;
}

export interface LinkIdRow {
  id: string;
  from_id: string;
  to_id: string;
  link_type: string;
  is_new: boolean;
}

const linkedEvent = (scope: TenantScope): Prisma.Sql =>
  appendEventOf(
    scope,
    { action: 'graph.link', targetKind: 'links', outcome: 'done' },
    {
      target: Prisma.sql`''`,
      details: Prisma.sql`jsonb_build_object('links', count(DISTINCT l.id))`,
      memoryIds: Prisma.sql`array_agg(DISTINCT ends.id)`,
      from: Prisma.sql`FROM l, unnest(ARRAY[l.from_id, l.to_id]) AS ends (id) HAVING count(*) > 0`,
    },
  );

/**
 * Writes links between existing memories; one of the same ends and type is changed or, with `onlyNew`,
 * left. @returns those written; `is_new` of those that were made.
 */
export function upsertLinks(
  transaction: Transaction,
  scope: TenantScope,
  links: readonly LinkDraftRow[],
  {
    now,
    sealing,
    onlyNew = false,
  }: { readonly now: Date; readonly sealing: Sealing; readonly onlyNew?: boolean },
): Promise<LinkIdRow[]> {
  scope.assertReleasedWriter();
  const byEdge = new Map(
    links.map((link) => [JSON.stringify([link.fromId, link.toId, link.linkType]), link]),
  );
  const rows = [...byEdge.values()].map((link) => ({
    id: uuidv7(),
    from_id: link.fromId,
    to_id: link.toId,
    link_type: link.linkType,
    strength: link.strength,
    metadata: sealing.seals('links') ? {} : link.metadata,
    sealed_metadata: sealing.json(
      'links',
      link.fromId,
      linkColumn(link.toId, link.linkType),
      link.metadata,
    ),
  }));
  return transaction.query<LinkIdRow[]>`
    WITH l AS (INSERT INTO links AS stored (tenant_id, id, from_id, to_id, link_type, strength, metadata,
      sealed_metadata, written_by, created_at, updated_at)
    SELECT ${scope.tenantId}::uuid, d.id, d.from_id, d.to_id, d.link_type, d.strength, d.metadata,
      decode(d.sealed_metadata, 'base64'), ${scope.writer.tokenId}, ${now}, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (id uuid, from_id uuid, to_id uuid,
      link_type text, strength float8, metadata jsonb, sealed_metadata text)
    ORDER BY d.from_id, d.to_id, d.link_type
    ON CONFLICT (tenant_id, from_id, to_id, link_type) DO UPDATE SET
      strength = excluded.strength, metadata = excluded.metadata,
      sealed_metadata = excluded.sealed_metadata,
      written_by = CASE WHEN stored.written_by = excluded.written_by THEN stored.written_by END,
      updated_at = excluded.updated_at
      WHERE NOT ${onlyNew}
    RETURNING id, from_id, to_id, link_type, id = ANY (${rows.map(({ id }) => id)}::uuid[]) AS is_new
    ), audited AS (${linkedEvent(scope)})
    SELECT * FROM l`;
}
