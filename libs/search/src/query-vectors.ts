import { Logger } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import type { Embedder } from '@soma/embedding';
import { TaskCancelledError, timeout, TimeoutStrategy } from 'cockatiel';

/** Shorter than what storing may take: someone waits for the answer. */
const LONGEST_MS = 1_200;

/** Vectors of queries, as long as the embedder makes them in time. */
export class QueryVectors {
  private readonly logger = new Logger(QueryVectors.name);
  private readonly deadline = timeout(LONGEST_MS, TimeoutStrategy.Aggressive);

  constructor(private readonly embedder: Embedder) {}

  /** undefined when the embedder does not answer. */
  async of(scope: TenantScope, query: string): Promise<Float32Array | undefined> {
    try {
      const [vector] = await this.deadline.execute(() => this.embedder.embed(scope, [query]));
      if (!vector) throw new Error('The embedder left out the query.');
      return vector;
    } catch (error) {
      if (!isAway(error)) throw error;
      this.logger.debug({ err: error }, 'The embedder did not answer; searching by words alone');
      return undefined;
    }
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof TaskCancelledError ||
  (error instanceof SomaError && error.code === 'EMBEDDING_UNAVAILABLE');
