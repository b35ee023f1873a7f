import { Injectable } from '@nestjs/common';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { Embedders, EmbedderSource } from '@soma/embedding';
import { v7 as uuidv7 } from 'uuid';
import { type ModelState, ModelStore, type UsedModel } from './model-store.js';
import type { Reembedding, ReembedRequest } from './reembed.schema.js';

/** Nobody's tenant: the first text a new model is given is no tenant's. */
const NOBODY = TenantScope.of(tenantId('00000000-0000-0000-0000-000000000000'));
/** Beside the active one at most one of these. */
const BESIDES: readonly ModelState[] = ['building', 'refused', 'ready', 'switching', 'retired'];

/** What the operator asks about embedding models, and has done about them in the background. */
@Injectable()
export class ReembedService {
  constructor(
    private readonly store: ModelStore,
    private readonly source: EmbedderSource,
    private readonly embedders: Embedders,
  ) {}

  async status(): Promise<Reembedding> {
    const models = await this.store.all();
    const active = models.find(({ state }) => state === 'active');
    return {
      configured: this.source.configured,
      active: active?.model ?? this.embedders.active().model,
      models: await Promise.all(models.map((used) => this.view(used))),
    };
  }

  /**
   * Has all memories embedded by another model.
   * @throws SomaError VALIDATION_FAILED, EMBEDDING_UNAVAILABLE when the model does not answer now,
   * EMBEDDING_MODEL_CONFLICT
   */
  async start(request: ReembedRequest): Promise<Reembedding> {
    const model = this.source.nameOf({
      model: request.model,
      dimension: request.dimension,
      joinHash: request.join_hash,
    });
    await this.source.openPatient(model).embed(NOBODY, [uuidv7()]);
    if (!(await this.store.start(model, request.switch))) throw await this.refusal(model);
    await this.embedders.refresh();
    return this.status();
  }

  /** @throws SomaError EMBEDDING_MODEL_CONFLICT when none is ready. */
  async switch(): Promise<Reembedding> {
    return this.moveOne('ready', 'switching', 'No embedding model is ready to be switched to.');
  }

  /** @throws SomaError EMBEDDING_MODEL_CONFLICT when there is none to go back to. */
  async rollback(): Promise<Reembedding> {
    return this.moveOne('retired', 'switching', 'No embedding model is kept to go back to.');
  }

  /** @throws SomaError EMBEDDING_MODEL_CONFLICT when none is retired. */
  async finish(): Promise<Reembedding> {
    return this.moveOne('retired', 'dropping', 'No embedding model is retired.');
  }

  /** Drops what is being built, or stays with the active model when it was on the way back. */
  async cancel(): Promise<Reembedding> {
    const states: readonly ModelState[] = ['building', 'refused', 'ready', 'switching'];
    for (const { model, state, served } of await this.store.all()) {
      if (!states.includes(state)) continue;
      if (await this.store.move(model, state, served ? 'retired' : 'dropping')) {
        await this.embedders.refresh();
        return this.status();
      }
    }
    throw new SomaError(
      'EMBEDDING_MODEL_CONFLICT',
      'No change of the embedding model is under way.',
    );
  }

  private async moveOne(from: ModelState, to: ModelState, otherwise: string): Promise<Reembedding> {
    const used = (await this.store.all()).find(({ state }) => state === from);
    if (!used || !(await this.store.move(used.model, from, to))) {
      throw new SomaError('EMBEDDING_MODEL_CONFLICT', otherwise);
    }
    await this.embedders.refresh();
    return this.status();
  }

  private async refusal(model: string): Promise<SomaError> {
    const models = await this.store.all();
    const own = models.find((used) => used.model === model);
    const other = models.find((used) => used !== own && BESIDES.includes(used.state));
    return new SomaError('EMBEDDING_MODEL_CONFLICT', reasonOf(model, own, other));
  }

  private async view(used: UsedModel): Promise<Reembedding['models'][number]> {
    const { texts, untaken, entries } = await this.store.backlog(used.model);
    return {
      model: used.model,
      state: used.state,
      memories: used.memories,
      vectors: used.vectors,
      pending: texts,
      untaken,
      unindexed: entries,
      recall: used.recall ?? null,
      detail: used.detail ?? null,
      switch_when_ready: used.switchWhenReady,
      created_at: used.createdAt.toISOString(),
      changed_at: used.changedAt.toISOString(),
    };
  }
}

function reasonOf(model: string, own: UsedModel | undefined, other: UsedModel | undefined): string {
  if (own?.state === 'active') return `${model} is in use already.`;
  if (own?.state === 'retired') return `${model} is kept to go back to: roll back instead.`;
  if (own?.state === 'dropping' || own?.state === 'dropped') {
    return `${model} is still being dropped; try again in two minutes.`;
  }
  if (own?.state === 'switching') return `${model} is being switched to.`;
  if (other?.state === 'retired') {
    return `${other.model} is kept to go back to: finish that change first.`;
  }
  return `${other?.model ?? 'Another model'} is being built: let it finish, or cancel it.`;
}
