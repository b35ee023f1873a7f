import type { TenantScope } from '@soma/core';

/** Turns texts into vectors. */
export abstract class Embedder {
  /** Names the model and everything that shapes its vectors; stored beside each of them. */
  abstract readonly model: string;
  /** Length of every vector. */
  abstract readonly dimension: number;
  /** Whether a language model takes part: false where vectors know spelling only, not meaning. */
  abstract readonly isSemantic: boolean;

  /**
   * One L2-normalised vector of `dimension` finite float32 for each text, in order.
   * @throws SomaError EMBEDDING_UNAVAILABLE when the provider fails or answers something else.
   */
  abstract embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]>;
}
