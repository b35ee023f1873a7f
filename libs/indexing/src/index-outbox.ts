import type { TenantScope } from '@soma/core';
import type { IndexEntry } from '@soma/vector-index';

/** One thing to do to the vector index. */
export interface OutboxTask {
  readonly id: string;
  readonly scope: TenantScope;
  readonly operation: 'insert' | 'remove';
  readonly entryId: string;
  readonly model: string;
  /** How often it was claimed, this time included; outages of the index do not count. */
  readonly attempts: number;
  /** W3C `traceparent` of what queued it, if that is followed. */
  readonly traceparent?: string;
}

export interface Backlog {
  /** Tasks waiting, and the age of the oldest in seconds; parked ones are not among them. */
  readonly tasks: number;
  readonly oldestSeconds: number;
  readonly parked: number;
}

/** Work that the index has yet to see, written in the same transaction as the memories. */
export abstract class IndexOutbox {
  /**
   * Leases up to `limit` tasks for `leaseMs`, oldest first; no other worker gets them meanwhile. A
   * task of an entry waits until the entry's earlier task is done or parked.
   */
  abstract claim(limit: number, leaseMs: number): Promise<OutboxTask[]>;
  /** The entries among these that are still current, with their vectors. */
  abstract load(scope: TenantScope, entryIds: readonly string[]): Promise<IndexEntry[]>;
  /** Notes entries as indexed now and drops the tasks, and what is parked of entries removed. */
  abstract complete(
    scope: TenantScope,
    tasks: readonly OutboxTask[],
    indexedEntryIds: readonly string[],
  ): Promise<void>;
  /** Gives tasks back, to be tried again after `delayMs`. */
  abstract retry(tasks: readonly OutboxTask[], delayMs: number): Promise<void>;
  /** The same for tasks that are not at fault: this try does not count. */
  abstract giveBack(tasks: readonly OutboxTask[], delayMs: number): Promise<void>;
  /** Puts tasks aside: they are tried once more after `delayMs`, and block none until then. */
  abstract park(tasks: readonly OutboxTask[], delayMs: number): Promise<void>;
  abstract backlog(): Promise<Backlog>;
  /** Forgets idempotency keys older than a day. @returns how many. */
  abstract forgetOldKeys(): Promise<number>;
}
