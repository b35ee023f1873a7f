import type { TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../connection/transaction.js';

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
}

/** Writes links between existing memories; one of the same ends and type is changed. */
export function upsertLinks(
  transaction: Transaction,
  scope: TenantScope,
  links: readonly LinkDraftRow[],
  now: Date,
): Promise<LinkIdRow[]> {
  const byEdge = new Map(
    links.map((link) => [JSON.stringify([link.fromId, link.toId, link.linkType]), link]),
  );
  const rows = [...byEdge.values()].map((link) => ({
    id: uuidv7(),
    from_id: link.fromId,
    to_id: link.toId,
    link_type: link.linkType,
    strength: link.strength,
    metadata: link.metadata,
  }));
  return transaction.query<LinkIdRow[]>`
    INSERT INTO links (tenant_id, id, from_id, to_id, link_type, strength, metadata, created_at, updated_at)
    SELECT ${scope.tenantId}::uuid, d.id, d.from_id, d.to_id, d.link_type, d.strength, d.metadata,
      ${now}, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (id uuid, from_id uuid, to_id uuid,
      link_type text, strength float8, metadata jsonb)
    ORDER BY d.from_id, d.to_id, d.link_type
    ON CONFLICT (tenant_id, from_id, to_id, link_type) DO UPDATE SET
      strength = excluded.strength, metadata = excluded.metadata, updated_at = excluded.updated_at
    RETURNING id, from_id, to_id, link_type`;
}
