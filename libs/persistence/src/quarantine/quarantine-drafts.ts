import type { TenantScope } from '@soma/core';
import type { Memory, MemoryDraft, StoreOutcome } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { COLUMNS, type Sealing } from '../encryption/sealing.js';
import { TIERS } from '../memory/memory-version-sql.js';

/** What is kept of a draft: all but what is made of it again, and what the row's columns say. */
export type Snapshot = Omit<MemoryDraft, Remade | Later> & Partial<Pick<MemoryDraft, Later>>;

type Remade = 'id' | 'namespace' | 'coordinate' | 'embedding';
/** Writes from before there were facts, or predictions, do not have them. */
type Later = 'slot' | 'valid_from' | 'prediction';

/** In a row: plain, or sealed as text in base64. */
export type StoredSnapshot = Snapshot | { readonly sealed: string };

/** Keeps drafts as their writer's, and nothing that could find one. */
export async function quarantineDrafts(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
  { now, sealing }: { readonly now: Date; readonly sealing: Sealing },
): Promise<StoreOutcome[]> {
  const rows = drafts.map((draft) => ({
    id: draft.id,
    namespace: draft.namespace,
    coordinate: draft.coordinate.text,
    snapshot: keptAs(draft.id, snapshotOf(draft), sealing),
  }));
  await transaction.execute`
    INSERT INTO quarantined_writes (tenant_id, id, namespace, coordinate, written_by, written_at,
      snapshot)
    SELECT ${scope.tenantId}::uuid, d.id, d.namespace, d.coordinate, ${scope.writer.tokenId},
      ${now}, d.snapshot
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS d (id uuid, namespace text, coordinate text, snapshot jsonb)`;
  return drafts.map((draft) => ({
    kind: 'stored',
    memory: acknowledged(draft, scope.writer.tokenId, now),
  }));
}

/** The snapshot as a tenant's encryption wants it: sealed wherever answers are, which repeat it. */
export function keptAs(id: string, snapshot: Snapshot, sealing: Sealing): StoredSnapshot {
  const sealed = sealing.json('answers', id, COLUMNS.quarantined, snapshot);
  return sealed === undefined ? snapshot : { sealed };
}

function snapshotOf(draft: MemoryDraft): Snapshot {
  const { id: _id, namespace: _at, coordinate: _to, embedding: _vector, ...snapshot } = draft;
  return snapshot;
}

/** The memory that it will be if it is released and its coordinate is free. */
function acknowledged(draft: MemoryDraft, writtenBy: string, now: Date): Memory {
  const { coordinate, links: _links, embedding: _embedding, ...fields } = draft;
  return {
    ...fields,
    coordinate: coordinate.text,
    tags: [...draft.tags],
    tier: TIERS[draft.memory_type],
    valid_from:
      draft.slot === null ? null : (draft.valid_from ?? draft.occurred_at ?? now.toISOString()),
    valid_to: null,
    superseded_by: null,
    written_by: writtenBy,
    quarantined: true,
    embedding: 'pending',
    version: 1,
    access_count: 0,
    last_accessed_at: null,
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
  };
}
