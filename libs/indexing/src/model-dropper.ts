import { Injectable } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { VectorIndex } from '@soma/vector-index';
import { ConsistencyStore } from './consistency-store.js';
import { ModelStore, type UsedModel } from './model-store.js';
import { ModelVectors } from './model-vectors.js';
import type { BuildRun } from './model-builder.js';
import { tenantsOf } from './tenants-of.js';

const VECTORS_A_BATCH = 2_000;

/**
 * Clears away a model that is in use no more: its vectors once no search that began with it is under
 * way, and its index once no worker has an entry of it in hand.
 */
@Injectable()
export class ModelDropper {
  constructor(
    private readonly store: ModelStore,
    private readonly tenants: ConsistencyStore,
    private readonly vectors: ModelVectors,
    private readonly index: VectorIndex,
  ) {}

  async clear(model: string, run: BuildRun): Promise<void> {
    const active = (await this.store.all()).find(({ state }) => state === 'active');
    for await (const scope of tenantsOf(this.tenants, undefined)) {
      if (active) await this.queueLacking(scope, active.model, run);
      while ((await this.vectors.clear(scope, model, VECTORS_A_BATCH)) > 0) await run.keep();
    }
    await this.store.forgetTasks(model);
    await this.store.move(model, 'dropping', 'dropped');
  }

  async forget({ model }: Pick<UsedModel, 'model'>): Promise<void> {
    await this.index.drop(model);
    await this.store.forgetTasks(model);
    await this.store.forget(model);
  }

  /** A memory stored at the very moment of a change may have a vector of the old model only. */
  private async queueLacking(scope: TenantScope, model: string, run: BuildRun): Promise<void> {
    let after: MemoryId | undefined;
    do {
      await run.keep();
      const { texts, last } = await this.vectors.unembedded(scope, model, { limit: 500, after });
      const ids = texts.map(({ memoryId }) => memoryId);
      await this.vectors.queue(scope, model, ids);
      after = last;
    } while (after !== undefined);
  }
}
