import type { MemoryId, TenantScope } from '@soma/core';
import type { IndexPartition } from '@soma/vector-index';

/** What a memory says that lacks a vector. */
export interface UnembeddedText {
  readonly memoryId: MemoryId;
  readonly content: string;
}

export interface StoredVector {
  readonly memoryId: MemoryId;
  readonly vector: Float32Array;
}

export interface VectorPage extends IndexPartition {
  /** Vectors of memories up to this one are left out. */
  readonly after?: MemoryId;
  readonly limit: number;
  /** Only what was indexed before. */
  readonly settledBefore: Date;
}

/** A tenant's vectors of one model, all of them. */
export abstract class ModelVectors {
  abstract count(scope: TenantScope, model: string): Promise<{ memories: number; vectors: number }>;
  /**
   * Looks through some memories past `after`, in order of their ids, for those that lack a vector of
   * the model and are not queued. `last` is where it ended; undefined after the end.
   */
  abstract unembedded(
    scope: TenantScope,
    model: string,
    page: { readonly limit: number; readonly after?: MemoryId },
  ): Promise<{ texts: UnembeddedText[]; last?: MemoryId }>;
  /** Queues those of these memories for the embedder that lack a vector of the model. */
  abstract queue(scope: TenantScope, model: string, ids: readonly MemoryId[]): Promise<void>;
  /** Removes up to `limit` vectors. @returns how many. */
  abstract clear(scope: TenantScope, model: string, limit: number): Promise<number>;
  /** Namespaces that have vectors of the model, the largest first. */
  abstract namespaces(
    scope: TenantScope,
    model: string,
  ): Promise<{ namespace: string; vectors: number }[]>;
  /** In order of their memories. */
  abstract page(scope: TenantScope, page: VectorPage): Promise<StoredVector[]>;
}
