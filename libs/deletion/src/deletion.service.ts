import { Injectable } from '@nestjs/common';
import { isUuid, SomaError, tenantId, type TenantScope } from '@soma/core';
import { CACHES_UNTIL_MS } from './deletion-watch.js';
import { DeletionStore, type StoredReceipt } from './deletion-store.js';
import type { DeletionReceipt, ReceiptQuery } from './deletion.schema.js';
import { receiptHash } from './receipt-hash.js';

/** Receipts, and the deletion of tenants. */
@Injectable()
export class DeletionService {
  constructor(private readonly store: DeletionStore) {}

  /** @throws SomaError DELETION_NOT_FOUND */
  async read(scope: TenantScope, id: string, { memory }: ReceiptQuery): Promise<DeletionReceipt> {
    const receipt = isUuid(id) ? await this.store.find(scope, id) : undefined;
    const shown = receiptOf(receipt, id);
    if (memory === undefined) return shown;
    const hash = receiptHash(Buffer.from(shown.ids.salt, 'hex'), memory.toLowerCase());
    return { ...shown, includes: await this.store.has(scope, id, hash) };
  }

  /** @throws SomaError DELETION_NOT_FOUND */
  async readAnyones(id: string): Promise<DeletionReceipt> {
    return receiptOf(isUuid(id) ? await this.store.findAnyones(id) : undefined, id);
  }

  /**
   * Begins to delete a tenant with all it has; its tokens are refused within seconds.
   * @throws SomaError TENANT_NOT_FOUND
   */
  async deleteTenant(id: string): Promise<DeletionReceipt> {
    const tenant = tenantId(id.toLowerCase());
    const receipt = isUuid(id) ? await this.store.beginTenant(tenant) : undefined;
    if (receipt) return receiptOf(receipt, receipt.id);
    throw new SomaError('TENANT_NOT_FOUND', 'There is no tenant of that id.');
  }
}

function receiptOf(receipt: StoredReceipt | undefined, id: string): DeletionReceipt {
  if (!receipt) throw new SomaError('DELETION_NOT_FOUND', `There is no deletion of id ${id}.`);
  const { kind, status, memories, removed, salt, hashes, deletedAt } = receipt;
  const isOfTenant = kind === 'tenant';
  const shown = isOfTenant
    ? [receiptHash(Buffer.from(salt, 'hex'), receipt.tenantId)]
    : [...hashes];
  return {
    id: receipt.id,
    kind,
    status,
    memories,
    requested_at: receipt.requestedAt.toISOString(),
    deleted_at: deletedAt?.toISOString() ?? null,
    verified_at: receipt.verifiedAt?.toISOString() ?? null,
    process_caches_until: deletedAt
      ? new Date(receipt.changedAt.getTime() + CACHES_UNTIL_MS).toISOString()
      : null,
    removed,
    verification: receipt.verification ?? null,
    ids: {
      algorithm: 'sha256(salt + id)',
      salt,
      hashes: shown,
      complete: isOfTenant || shown.length === memories,
    },
  };
}
