import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '@soma/config';
import type { TenantScope } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { MemoryStatsRepository } from '@soma/memory';
import type { Stats } from './status.schema.js';

@Injectable()
export class StatsService {
  constructor(
    private readonly memories: MemoryStatsRepository,
    private readonly embedder: Embedder,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  async count(scope: TenantScope, namespace: string | undefined): Promise<Stats> {
    if (namespace !== undefined) scope.assertNamespace(namespace);
    const counted = await this.memories.count(scope, namespace);
    const { model, dimension } = this.embedder;
    return {
      ...counted,
      embeddings: { ...counted.embeddings, model, dimension },
      backends: {
        store: this.config.postgres ? 'postgresql' : 'pglite',
        index: this.config.milvus ? 'milvus' : 'flat',
        cache: this.config.redis ? 'redis' : 'in-process',
      },
    };
  }
}
