import type { MemoryId, TenantScope } from '@soma/core';

/** A memory whose vector is still to be made. */
export interface PendingText {
  readonly id: string;
  readonly scope: TenantScope;
  readonly memoryId: MemoryId;
  /** How often it was claimed, this time included. */
  readonly attempts: number;
}

export interface EmbeddedText {
  readonly memoryId: MemoryId;
  /** What was embedded: the vector is of no use once the memory says something else. */
  readonly content: string;
  readonly embedding: { readonly model: string; readonly vector: Float32Array };
}

/** Memories stored while no embedder answered, queued in the transaction that stored them. */
export abstract class EmbeddingQueue {
  /** Leases up to `limit` for `leaseMs`, oldest first; no other worker gets them meanwhile. */
  abstract claim(limit: number, leaseMs: number): Promise<PendingText[]>;
  /** What those say that still exist and have no vector. */
  abstract contents(scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, string>>;
  /** Writes the vectors of memories that still say the same, for the index too; and dequeues. */
  abstract complete(
    scope: TenantScope,
    texts: readonly PendingText[],
    embedded: readonly EmbeddedText[],
  ): Promise<void>;
  /** Gives them back, to be tried again after `delayMs`. */
  abstract retry(texts: readonly PendingText[], delayMs: number): Promise<void>;
  /** How many wait. */
  abstract count(): Promise<number>;
}
