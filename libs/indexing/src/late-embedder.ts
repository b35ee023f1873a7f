import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Embedder } from '@soma/embedding';
import { EmbeddingQueue, type PendingText } from './embedding-queue.js';
import { OutboxSignal } from './outbox-signal.js';
import { retryDelay } from './retry-policy.js';

const POLL_MS = 500;
const BATCH = 50;
const FAILURES_TO_STOP = 3;
/** Longer than a provider may take for a batch. */
const LEASE_MS = 150_000;

/** Makes the vectors of memories that were stored while no embedder answered, until shutdown. */
@Injectable()
export class LateEmbedder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LateEmbedder.name);
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: EmbeddingQueue,
    private readonly embedder: Embedder,
    private readonly outbox: OutboxSignal,
  ) {}

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  /** Waits for the batch under way; what is left stays in the queue. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Embeds one batch; what fails is given back for later. @returns how many it had. */
  async embedBatch(): Promise<number> {
    const claimed = await this.queue.claim(BATCH, LEASE_MS);
    const groups = [...Map.groupBy(claimed, ({ scope }) => scope.tenantId).values()];
    for (const [at, group] of groups.entries()) {
      try {
        await this.embed(group);
      } catch (error) {
        this.logger.warn({ err: error, texts: group.length }, 'Texts are embedded one by one');
        if (await this.embedEach(group)) continue;
        await this.queue.retry(groups.slice(at + 1).flat(), POLL_MS);
        return 0;
      }
    }
    if (claimed.length > 0) this.outbox.raise();
    return claimed.length;
  }

  /** Finds out which of them fail. @returns false when so many do that the embedder seems away. */
  private async embedEach(texts: readonly PendingText[]): Promise<boolean> {
    let failed = 0;
    for (const [at, text] of texts.entries()) {
      try {
        await this.embed([text]);
      } catch {
        await this.queue.retry([text], retryDelay([text]));
        failed += 1;
      }
      if (failed === FAILURES_TO_STOP) {
        await this.queue.retry(texts.slice(at + 1), POLL_MS);
        return false;
      }
    }
    return true;
  }

  private async embed(texts: readonly PendingText[]): Promise<void> {
    const [first] = texts;
    if (!first) return;
    const { scope } = first;
    const contents = [
      ...(await this.queue.contents(
        scope,
        texts.map(({ memoryId }) => memoryId),
      )),
    ];
    const vectors =
      contents.length === 0
        ? []
        : await this.embedder.embed(
            scope,
            contents.map(([, content]) => content),
          );
    const embedded = contents.flatMap(([memoryId, content], position) => {
      const vector = vectors[position];
      return vector
        ? [{ memoryId, content, embedding: { model: this.embedder.model, vector } }]
        : [];
    });
    await this.queue.complete(scope, texts, embedded);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const had = await this.embedBatch().catch((error: unknown) => {
        this.logger.error({ err: error }, 'Pending texts could not be read; trying again');
        return 0;
      });
      if (had < BATCH) await pause(POLL_MS, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
