import type { TenantScope } from '@soma/core';
import { type EmbeddingCache, embeddingKeyOf } from '@soma/embedding';
import {
  type DeletedMemory,
  DerivedStore,
  type Leftovers,
  type ModelsInUse,
} from './derived-store.js';

/** Vectors cached by the hash of their text, in Redis or in this process. */
export class CachedEmbeddingsStore extends DerivedStore {
  readonly name = 'embedding_cache';

  constructor(
    private readonly cache: EmbeddingCache,
    private readonly modelsInUse: ModelsInUse,
  ) {
    super();
  }

  async clear(scope: TenantScope, deleted: readonly DeletedMemory[]): Promise<Leftovers> {
    const models = new Set(deleted.flatMap(({ entry }) => entry?.model ?? []));
    for (const model of await this.modelsInUse()) models.add(model);
    const digests = new Set(deleted.flatMap(({ textDigests }) => textDigests));
    const keys = [...models].flatMap((model) =>
      [...digests].map((digest) => embeddingKeyOf(model, digest)),
    );
    if (keys.length === 0) return { embedding_cache: 0 };
    await this.cache.forget(scope, keys);
    return { embedding_cache: await this.cache.count(scope, keys) };
  }

  async clearTenant(scope: TenantScope): Promise<Leftovers> {
    await this.cache.forgetTenant(scope);
    return { embedding_cache: await this.cache.forgetTenant(scope) };
  }
}
