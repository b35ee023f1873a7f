import type { TenantScope } from '@soma/core';
import type { DeletionTarget } from './memory-repository.js';

export interface DeletionOrder {
  readonly kind: 'memory' | 'memories' | 'namespace';
  readonly target: DeletionTarget;
}

/** How far a deletion has come. Plain JSON. */
export interface DeletionProgress {
  readonly receipt_id: string;
  /** Memories deleted so far. */
  readonly deleted: number;
  readonly done: boolean;
}

/**
 * Deletes memories with everything derived and every link, in batches of bounded size, and keeps a
 * receipt that the worker verifies. What was begun is finished, whoever dies: the receipt says how far
 * it came.
 */
export abstract class MemoryDeletions {
  /**
   * Deletes the first batch in the caller's transaction. @returns undefined when nothing matched; a
   * namespace is always deleted.
   */
  abstract begin(scope: TenantScope, order: DeletionOrder): Promise<DeletionProgress | undefined>;
  /** Deletes the next batch, in a transaction of its own; nothing when all is done. */
  abstract advance(scope: TenantScope, receiptId: string): Promise<DeletionProgress>;
}

/** Below what a request may take. */
const BUDGET_MS = 15_000;

/** Goes on until all is deleted, or the worker has to do the rest. */
export async function carryOn(
  deletions: MemoryDeletions,
  scope: TenantScope,
  begun: DeletionProgress,
): Promise<DeletionProgress> {
  const until = performance.now() + BUDGET_MS;
  let progress = begun;
  while (!progress.done && performance.now() < until) {
    progress = await deletions.advance(scope, progress.receipt_id);
  }
  return progress;
}
