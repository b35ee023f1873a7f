import type { TenantId, TenantScope } from '@soma/core';
import type { DeletedMemory, Leftovers } from './derived-store.js';
import type { DeletionKind, DeletionStatus, Verification } from './deletion.schema.js';

/** A deletion as the worker meets it. */
export interface ClaimedDeletion {
  readonly id: string;
  readonly scope: TenantScope;
  readonly kind: DeletionKind;
  readonly status: DeletionStatus;
  /** How often it was claimed since its last memory was deleted, this time included. */
  readonly attempts: number;
}

/** A receipt as kept. */
export interface StoredReceipt {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly kind: DeletionKind;
  readonly status: DeletionStatus;
  readonly memories: number;
  readonly removed: Readonly<Record<string, number>>;
  readonly verification: Verification | undefined;
  /** In hex. */
  readonly salt: string;
  readonly requestedAt: Date;
  readonly changedAt: Date;
  readonly deletedAt: Date | undefined;
  readonly verifiedAt: Date | undefined;
  /** In order, the first thousand. */
  readonly hashes: readonly string[];
}

/** Something of this tenant was deleted, at this time by the database's clock. */
export interface DeletionNotice {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly changedAt: Date;
}

/** How far a tenant's deletion is: `waiting` until none of its tokens is remembered anywhere. */
export type TenantProgress = 'more' | 'waiting' | 'done';

/** Deletions and their receipts. */
export abstract class DeletionStore {
  /** Leases up to `limit` deletions that are not verified and due; nobody else gets them meanwhile. */
  abstract claim(limit: number, leaseMs: number): Promise<ClaimedDeletion[]>;
  /** The next batch of a tenant; when done, its row and what the index must be told is left. */
  abstract advanceTenant(scope: TenantScope, id: string): Promise<TenantProgress>;
  /** Memories of a receipt, those past `after`, with the hash of the last. */
  abstract deleted(
    scope: TenantScope,
    id: string,
    limit: number,
    after?: string,
  ): Promise<{ memories: DeletedMemory[]; last?: string }>;
  /** Index tasks from before the deletion's end that are still to be done. */
  abstract tasksLeft(scope: TenantScope, id: string): Promise<number>;
  /** What the tables have of these memories, by table. */
  abstract rowsLeft(scope: TenantScope, deleted: readonly DeletedMemory[]): Promise<Leftovers>;
  /** What any table has of the tenant, the receipts and the audit excepted. */
  abstract rowsOfTenant(scope: TenantScope): Promise<Leftovers>;
  /** The last that was kept of a tenant: its row, its name in reports. */
  abstract dropTenant(scope: TenantScope): Promise<void>;
  /**
   * Notes what was found; tried again after `delayMs` unless verified. Once verified, of the receipt's
   * memories only hashes are kept, and the audit says so.
   */
  abstract note(
    deletion: ClaimedDeletion,
    result: { readonly status: DeletionStatus; readonly verification: Verification },
    delayMs: number,
  ): Promise<void>;
  /** Tries again after `delayMs`. */
  abstract putOff(deletion: ClaimedDeletion, delayMs: number): Promise<void>;
  abstract find(scope: TenantScope, id: string): Promise<StoredReceipt | undefined>;
  /** Of whatever tenant: for the operator. */
  abstract findAnyones(id: string): Promise<StoredReceipt | undefined>;
  /** Whether a receipt has this hash. */
  abstract has(scope: TenantScope, id: string, hash: string): Promise<boolean>;
  /**
   * Hides a tenant, takes its name and tokens away, and opens its deletion; gives the receipt of one
   * that was begun before. @returns undefined when there never was such a tenant.
   */
  abstract beginTenant(tenant: TenantId): Promise<StoredReceipt | undefined>;
  /** Deletions of the last half minute, of all tenants. */
  abstract recent(): Promise<DeletionNotice[]>;
}
