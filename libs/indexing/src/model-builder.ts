import { Injectable } from '@nestjs/common';
import { type MemoryId, SomaError, type TenantScope } from '@soma/core';
import { type Embedder, EmbedderSource } from '@soma/embedding';
import { v7 as uuidv7 } from 'uuid';
import { ConsistencyStore } from './consistency-store.js';
import { EmbeddingQueue } from './embedding-queue.js';
import type { ModelProgress } from './model-store.js';
import { ModelVectors, type UnembeddedText } from './model-vectors.js';
import { OutboxSignal } from './outbox-signal.js';
import { tenantsOf } from './tenants-of.js';

/** Small enough that a page is made well within the lease. */
const TEXTS_A_PAGE = 128;
/** Well below the lease. */
const LONGEST_PAUSE_SECONDS = 5;

/** The work of one process on one model. */
export interface BuildRun {
  /** Notes progress. @throws when the work is no longer this process' own. */
  keep(progress?: ModelProgress): Promise<void>;
  pause(ms: number): Promise<void>;
}

/** Makes the vectors that memories lack of a model, each once: what is there is never asked for. */
@Injectable()
export class ModelBuilder {
  constructor(
    private readonly tenants: ConsistencyStore,
    private readonly vectors: ModelVectors,
    private readonly queue: EmbeddingQueue,
    private readonly source: EmbedderSource,
    private readonly signal: OutboxSignal,
  ) {}

  /** Goes once through all memories. @returns how many vectors were made, or queued to be. */
  async pass(model: string, run: BuildRun): Promise<number> {
    const progress = await this.count(model, run);
    const embedder = this.source.openPatient(model);
    let made = 0;
    for await (const scope of tenantsOf(this.tenants, undefined)) {
      let after: MemoryId | undefined;
      do {
        const { texts, last } = await this.vectors.unembedded(scope, model, {
          limit: TEXTS_A_PAGE,
          after,
        });
        if (texts.length > 0) await this.embed(scope, embedder, { page: texts, run });
        made += texts.length;
        progress.vectors += texts.length;
        progress.memories = Math.max(progress.memories, progress.vectors);
        await run.keep(texts.length > 0 ? { ...progress, detail: null } : {});
        after = last;
      } while (after !== undefined);
    }
    return made;
  }

  private async count(model: string, run: BuildRun) {
    const progress = { memories: 0, vectors: 0 };
    for await (const scope of tenantsOf(this.tenants, undefined)) {
      const { memories, vectors } = await this.vectors.count(scope, model);
      progress.memories += memories;
      progress.vectors += vectors;
    }
    await run.keep({ ...progress, detail: null });
    return progress;
  }

  /** A page that a well provider does not take is left to be made text by text. */
  private async embed(
    scope: TenantScope,
    embedder: Embedder,
    { page, run }: { readonly page: readonly UnembeddedText[]; readonly run: BuildRun },
  ): Promise<void> {
    const { model } = embedder;
    const texts = page.map(({ content }) => content);
    for (;;) {
      const vectors = await embedder.embed(scope, texts).catch((error: unknown) => {
        if (error instanceof SomaError && error.code === 'EMBEDDING_UNAVAILABLE') return error;
        throw error;
      });
      if (!(vectors instanceof SomaError)) {
        const embedded = page.flatMap(({ memoryId, content }, at) => {
          const vector = vectors[at];
          return vector ? [{ memoryId, content, embedding: { model, vector } }] : [];
        });
        await this.queue.complete(scope, [], embedded);
        this.signal.raise();
        return;
      }
      if (await takesAnother(scope, embedder)) {
        const ids = page.map(({ memoryId }) => memoryId);
        await this.vectors.queue(scope, model, ids);
        return;
      }
      await run.keep({ detail: `Waiting for the embedding provider: ${vectors.message}` });
      const seconds = Math.min(vectors.retryAfterSeconds ?? 1, LONGEST_PAUSE_SECONDS);
      await run.pause(seconds * 1_000);
    }
  }
}

const takesAnother = (scope: TenantScope, embedder: Embedder): Promise<boolean> =>
  embedder.embed(scope, [uuidv7()]).then(
    () => true,
    () => false,
  );
