import { tenantId } from '@soma/core';
import type { DeletionKind, DeletionStatus, StoredReceipt, Verification } from '@soma/deletion';
import { Prisma } from '../generated/client.js';

export interface ReceiptRow {
  id: string;
  tenant_id: string;
  kind: DeletionKind;
  status: DeletionStatus;
  memories: number;
  removed: Record<string, number>;
  verification: Verification | null;
  salt: string;
  requested_at: Date;
  changed_at: Date;
  deleted_at: Date | null;
  verified_at: Date | null;
}

/** Of deletions `d`. */
export const RECEIPT_COLUMNS = Prisma.sql`d.id, d.tenant_id, d.kind, d.status, d.memories, d.removed,
  d.verification, encode(d.salt, 'hex') AS salt, d.requested_at, d.changed_at, d.deleted_at,
  d.verified_at`;

export const receiptOfRow = (row: ReceiptRow, hashes: readonly string[]): StoredReceipt => ({
  id: row.id,
  tenantId: tenantId(row.tenant_id),
  kind: row.kind,
  status: row.status,
  memories: row.memories,
  removed: row.removed,
  verification: row.verification ?? undefined,
  salt: row.salt,
  requestedAt: row.requested_at,
  changedAt: row.changed_at,
  deletedAt: row.deleted_at ?? undefined,
  verifiedAt: row.verified_at ?? undefined,
  hashes,
});
