import type { TenantScope } from '@soma/core';
import { Embedder } from './embedder.js';

/**
 * The embedders in use. One is active. While the model is being changed there is another, and every
 * memory has, or gets, a vector of each.
 */
export abstract class Embedders {
  /** Whose vectors searches compare; a search asks once, and keeps to the answer. */
  abstract active(): Embedder;
  /** Whose vectors are made before a write commits; the active one comes first. */
  abstract writing(): readonly [Embedder, ...Embedder[]];
  /**
   * All whose vectors are kept up to date; the active one comes first. For work that no request waits
   * for: these may take as long as the provider may.
   */
  abstract patient(): readonly [Embedder, ...Embedder[]];
  /** Reads anew which they are, as the database says. */
  abstract refresh(): Promise<void>;
}

/** Whatever is active at the moment: for those who ask about it, and compare no vectors. */
export class ActiveEmbedder extends Embedder {
  constructor(private readonly embedders: Embedders) {
    super();
  }

  get model(): string {
    return this.embedders.active().model;
  }

  get dimension(): number {
    return this.embedders.active().dimension;
  }

  get isSemantic(): boolean {
    return this.embedders.active().isSemantic;
  }

  embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    return this.embedders.active().embed(scope, texts);
  }
}
