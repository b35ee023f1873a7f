import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop } from '@soma/core';
import { type Embedder, Embedders } from '@soma/embedding';
import { Tracing } from '@soma/tracing';
import { v7 as uuidv7 } from 'uuid';
import { ANY_MODEL, EmbeddingQueue, type PendingText } from './embedding-queue.js';
import { OutboxSignal } from './outbox-signal.js';
import { outboxSpan, traceparentsOf } from './outbox-span.js';
import { MAX_TRIES, retryDelay } from './retry-policy.js';

const POLL_MS = 500;
const BATCH = 50;
const FAILURES_TO_STOP = 3;
/** Longer than a provider may take for a batch. */
const LEASE_MS = 150_000;

/** What a text that a model does not take waits between two tries. */
const PARKED_MS = 15 * 60_000;

/** Makes the vectors that memories were stored without, of every model in use, until shutdown. */
@Injectable()
export class LateEmbedder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LateEmbedder.name);
  private readonly loop = new BackgroundLoop('embed', POLL_MS);

  constructor(
    private readonly queue: EmbeddingQueue,
    private readonly embedders: Embedders,
    private readonly outbox: OutboxSignal,
    private readonly tracing: Tracing,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.step());
  }

  /** Waits for the batch under way; what is left stays in the queue. */
  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Embeds a batch of each model; what fails is given back for later. @returns how many it had. */
  async embedBatch(): Promise<number> {
    const [active, ...others] = this.embedders.patient();
    let most = await this.embedBatchBy(active, [active.model, ANY_MODEL]);
    for (const embedder of others) {
      most = Math.max(most, await this.embedBatchBy(embedder, [embedder.model]));
    }
    return most;
  }

  private async embedBatchBy(embedder: Embedder, models: readonly string[]): Promise<number> {
    const claimed = await this.queue.claim(models, BATCH, LEASE_MS);
    const groups = [...Map.groupBy(claimed, ({ scope }) => scope.tenantId).values()];
    for (const [at, group] of groups.entries()) {
      try {
        await this.embed(embedder, group);
      } catch (error) {
        this.loop.failed();
        this.logger.warn({ err: error, texts: group.length }, 'Texts are embedded one by one');
        if (await this.embedEach(embedder, group)) continue;
        await this.queue.retry(groups.slice(at + 1).flat(), POLL_MS);
        return 0;
      }
    }
    if (claimed.length > 0) this.outbox.raise();
    return claimed.length;
  }

  /** Finds out which of them fail. @returns false when so many do that the embedder seems away. */
  private async embedEach(embedder: Embedder, texts: readonly PendingText[]): Promise<boolean> {
    let failed = 0;
    for (const [at, text] of texts.entries()) {
      try {
        await this.embed(embedder, [text]);
      } catch {
        await this.putOff(embedder, text);
        failed += 1;
      }
      if (failed === FAILURES_TO_STOP) {
        await this.queue.retry(texts.slice(at + 1), POLL_MS);
        return false;
      }
    }
    return true;
  }

  /** A text that failed often, of an embedder that takes another one, is at fault itself. */
  private async putOff(embedder: Embedder, text: PendingText): Promise<void> {
    const isUntaken = text.attempts >= MAX_TRIES && (await this.isWell(embedder, text));
    if (isUntaken) await this.queue.park([text], PARKED_MS);
    else await this.queue.retry([text], retryDelay([text]));
  }

  /** By a text that no cache has. */
  private isWell(embedder: Embedder, { scope }: PendingText): Promise<boolean> {
    return embedder.embed(scope, [uuidv7()]).then(
      () => true,
      () => false,
    );
  }

  private embed(embedder: Embedder, texts: readonly PendingText[]): Promise<void> {
    const span = outboxSpan('embed', texts.length);
    return this.tracing.following(span, traceparentsOf(texts), () =>
      this.embedTexts(embedder, texts),
    );
  }

  private async embedTexts(embedder: Embedder, texts: readonly PendingText[]): Promise<void> {
    const [first] = texts;
    if (!first) return;
    const { scope } = first;
    const { model } = embedder;
    const ids = texts.map(({ memoryId }) => memoryId);
    const contents = [...(await this.queue.contents(scope, ids, model))];
    const asked = contents.map(([, content]) => content);
    const vectors = asked.length === 0 ? [] : await embedder.embed(scope, asked);
    const embedded = contents.flatMap(([memoryId, content], position) => {
      const vector = vectors[position];
      return vector ? [{ memoryId, content, embedding: { model, vector } }] : [];
    });
    await this.queue.complete(scope, texts, embedded);
  }

  private async step(): Promise<boolean> {
    try {
      return (await this.embedBatch()) >= BATCH;
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'Pending texts could not be read; trying again');
      return false;
    }
  }
}
