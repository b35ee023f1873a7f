import type { MemoryId, TenantScope } from '@soma/core';

export interface StoredHold {
  readonly reason: string;
  readonly placedAt: Date;
}

/** Legal holds, one a memory, noted in the audit. */
export abstract class HoldStore {
  /** Another reason replaces the one before; the time stays. */
  abstract place(scope: TenantScope, id: MemoryId, hold: StoredHold): Promise<StoredHold>;
  abstract find(scope: TenantScope, id: MemoryId): Promise<StoredHold | undefined>;
  /** @returns whether there was one. */
  abstract lift(scope: TenantScope, id: MemoryId): Promise<boolean>;
}
