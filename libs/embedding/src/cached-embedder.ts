import type { TenantScope } from '@soma/core';
import { Embedder } from './embedder.js';
import { embeddingKey, type EmbeddingCache } from './embedding-cache.js';

/** What one `embed` found, in different texts: `hits` in the cache, `misses` at the embedder. */
export interface EmbeddingCacheUse {
  readonly hits: number;
  readonly misses: number;
}

/**
 * Asks the embedder only for texts that the tenant has not had embedded lately, each of them once.
 * Equal texts of one call share one array: read it, do not write into it.
 */
export class CachedEmbedder extends Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly isSemantic: boolean;

  constructor(
    private readonly embedder: Embedder,
    private readonly cache: EmbeddingCache,
    private readonly onUse: (use: EmbeddingCacheUse) => void = () => {},
  ) {
    super();
    this.model = embedder.model;
    this.dimension = embedder.dimension;
    this.isSemantic = embedder.isSemantic;
  }

  async embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    const keys = texts.map((text) => embeddingKey(this.model, text));
    const textByKey = new Map(keys.map((key, i) => [key, texts[i] ?? '']));
    const vectors = await this.cached(scope, [...textByKey.keys()]);
    const missing = [...textByKey].filter(([key]) => !vectors.has(key));
    this.onUse({ hits: vectors.size, misses: missing.length });
    if (missing.length > 0) {
      const fresh = await this.fresh(scope, missing);
      await this.cache.setMany(scope, fresh);
      for (const [key, vector] of fresh) vectors.set(key, vector);
    }
    return keys.map((key) => vectors.get(key)).filter((vector) => vector !== undefined);
  }

  /** An entry of another length, whoever wrote it, is no entry. */
  private async cached(
    scope: TenantScope,
    keys: readonly string[],
  ): Promise<Map<string, Float32Array>> {
    const found = await this.cache.getMany(scope, keys);
    const vectors = new Map<string, Float32Array>();
    keys.forEach((key, i) => {
      const vector = found[i];
      if (vector?.length === this.dimension) vectors.set(key, vector);
    });
    return vectors;
  }

  private async fresh(
    scope: TenantScope,
    missing: readonly (readonly [key: string, text: string])[],
  ): Promise<Map<string, Float32Array>> {
    const embedded = await this.embedder.embed(
      scope,
      missing.map(([, text]) => text),
    );
    return new Map(embedded.map((vector, i) => [missing[i]?.[0] ?? '', vector]));
  }
}
