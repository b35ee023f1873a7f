import type { TenantScope } from '@soma/core';
import { Embedder } from './embedder.js';

/** Counts texts that a tenant has embedded. */
export interface EmbeddingMeter {
  /** Before a request has them embedded. @throws when the tenant may not have them. */
  spend(scope: TenantScope, texts: number): Promise<void> | void;
  /** Takes back what was spent on texts that were not embedded after all. */
  giveBack(scope: TenantScope, texts: number): void;
  /** What was embedded in the background, of memories that were accepted: limits refuse none of it. */
  record(scope: TenantScope, texts: number): void;
}

abstract class CountingEmbedder extends Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly isSemantic: boolean;

  constructor(
    protected readonly embedder: Embedder,
    protected readonly meter: EmbeddingMeter,
  ) {
    super();
    this.model = embedder.model;
    this.dimension = embedder.dimension;
    this.isSemantic = embedder.isSemantic;
  }
}

/** Lets a tenant's texts through to a provider as far as its budget goes. */
export class MeteredEmbedder extends CountingEmbedder {
  async embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    await this.meter.spend(scope, texts.length);
    try {
      return await this.embedder.embed(scope, texts);
    } catch (error) {
      this.meter.giveBack(scope, texts.length);
      throw error;
    }
  }
}

/** Lets every text through, and counts those that were embedded. */
export class RecordedEmbedder extends CountingEmbedder {
  async embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    const vectors = await this.embedder.embed(scope, texts);
    this.meter.record(scope, texts.length);
    return vectors;
  }
}
