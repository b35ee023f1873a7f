import type { TenantScope } from '@soma/core';
import type { Memory, MemoryDraft } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import type { Sealing } from '../encryption/sealing.js';
import { Prisma } from '../generated/client.js';
import { upsertLinks } from '../graph/upsert-links.js';
import { NOT_EXPIRED } from './memory-row.js';

interface TargetRow {
  namespace: string;
  coordinate: string;
  id: string;
}

const key = (namespace: string, coordinate: string): string =>
  JSON.stringify([namespace, coordinate]);

/**
 * Drafts with a link to a coordinate that neither exists nor is stored beside them, each with that
 * coordinate. A draft left out takes those that link to it along.
 */
export async function missingLinkTargets(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
): Promise<Map<MemoryDraft, string>> {
  const missing = new Map<MemoryDraft, string>();
  const linking = drafts.filter((draft) => draft.links.length > 0);
  if (linking.length === 0) return missing;
  const existing = await findTargets(transaction, scope, linking, NOT_EXPIRED);
  for (let changed = true; changed;) {
    changed = false;
    const remaining = drafts.filter((draft) => !missing.has(draft));
    const beside = new Set(remaining.map((draft) => key(draft.namespace, draft.coordinate.text)));
    for (const draft of remaining) {
      const absent = draft.links.find((link) => {
        const target = key(draft.namespace, link.to.text);
        return !existing.has(target) && !beside.has(target);
      });
      if (!absent) continue;
      missing.set(draft, absent.to.text);
      changed = true;
    }
  }
  return missing;
}

/** Writes the links of stored drafts. */
export async function linkDrafts(
  transaction: Transaction,
  scope: TenantScope,
  stored: ReadonlyMap<MemoryDraft, Memory>,
  writing: { readonly now: Date; readonly sealing: Sealing },
): Promise<void> {
  const linking = [...stored.keys()].filter((draft) => draft.links.length > 0);
  if (linking.length === 0) return;
  const ids = await findTargets(transaction, scope, linking);
  const links = linking.flatMap((draft) =>
    draft.links.map((link) => ({
      fromId: stored.get(draft)?.id ?? '',
      toId: ids.get(key(draft.namespace, link.to.text)) ?? '',
      linkType: link.link_type,
      strength: link.strength,
      metadata: link.metadata,
    })),
  );
  await upsertLinks(transaction, scope, links, writing);
}

async function findTargets(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
  condition: Prisma.Sql = Prisma.sql`true`,
): Promise<Map<string, string>> {
  const wanted = drafts.flatMap((draft) =>
    draft.links.map((link) => ({ namespace: draft.namespace, coordinate: link.to.text })),
  );
  const rows = await transaction.query<TargetRow[]>`
    SELECT m.namespace, m.coordinate, m.id
    FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS d (namespace text, coordinate text)
    JOIN memories m ON m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = d.namespace
      AND m.coordinate = d.coordinate AND ${condition}`;
  return new Map(rows.map((row) => [key(row.namespace, row.coordinate), row.id]));
}
