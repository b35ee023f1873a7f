import type { TenantScope } from '@soma/core';
import type { IndexEntry } from '@soma/vector-index';

/** One thing to do to the vector index. */
export interface OutboxTask {
  readonly id: string;
  readonly scope: TenantScope;
  readonly operation: 'insert' | 'remove';
  readonly entryId: string;
  readonly model: string;
  readonly attempts: number;
}

/** Work that the index has yet to see, written in the same transaction as the memories. */
export abstract class IndexOutbox {
  /**
   * Leases up to `limit` tasks for `leaseMs`, oldest first; no other worker gets them meanwhile. A
   * task of an entry waits until the entry's earlier task is done.
   */
  abstract claim(limit: number, leaseMs: number): Promise<OutboxTask[]>;
  /** The entries among these that are still current, with their vectors. */
  abstract load(scope: TenantScope, entryIds: readonly string[]): Promise<IndexEntry[]>;
  /** Notes entries as indexed now and drops the tasks. */
  abstract complete(
    scope: TenantScope,
    tasks: readonly OutboxTask[],
    indexedEntryIds: readonly string[],
  ): Promise<void>;
  /** Gives tasks back, to be tried again after `delayMs`. */
  abstract retry(tasks: readonly OutboxTask[], delayMs: number): Promise<void>;
  /** Tasks waiting, and the age of the oldest in seconds. */
  abstract backlog(): Promise<{ tasks: number; oldestSeconds: number }>;
  /** Forgets idempotency keys older than a day. @returns how many. */
  abstract forgetOldKeys(): Promise<number>;
}
