import type { MemoryId, TenantScope } from '@soma/core';

/** A memory whose vector is still to be made. */
export interface PendingText {
  readonly id: string;
  readonly scope: TenantScope;
  readonly memoryId: MemoryId;
  /** How often it was claimed, this time included. */
  readonly attempts: number;
  /** W3C `traceparent` of what queued it, if that is followed. */
  readonly traceparent?: string;
}

export interface EmbeddedText {
  readonly memoryId: MemoryId;
  /** What was embedded: the vector is of no use once the memory says something else. */
  readonly content: string;
  readonly embedding: { readonly model: string; readonly vector: Float32Array };
}

/** The model of what was queued before the first start: whichever is active. */
export const ANY_MODEL = '';

/**
 * Memories that were stored without a vector of a model in use, because its embedder did not answer
 * or searches do not use it yet; queued in the transaction that stored them.
 */
export abstract class EmbeddingQueue {
  /**
   * Leases up to `limit` of these models for `leaseMs`, oldest first; no other worker gets them
   * meanwhile.
   */
  abstract claim(models: readonly string[], limit: number, leaseMs: number): Promise<PendingText[]>;
  /** What those say that still exist and have no vector of the model. */
  abstract contents(
    scope: TenantScope,
    ids: readonly MemoryId[],
    model: string,
  ): Promise<Map<MemoryId, string>>;
  /** Writes the vectors of memories that still say the same, for the index too; and dequeues. */
  abstract complete(
    scope: TenantScope,
    texts: readonly PendingText[],
    embedded: readonly EmbeddedText[],
  ): Promise<void>;
  /** Gives them back, to be tried again after `delayMs`. */
  abstract retry(texts: readonly PendingText[], delayMs: number): Promise<void>;
  /** The same for texts that their model does not take: nobody waits for them any more. */
  abstract park(texts: readonly PendingText[], delayMs: number): Promise<void>;
  /** How many wait. */
  abstract count(): Promise<number>;
  /** Age of the oldest that waits, in seconds; those put aside are not among them. 0 without any. */
  abstract oldestSeconds(): Promise<number>;
}
