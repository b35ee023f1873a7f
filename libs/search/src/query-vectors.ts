import { Logger } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import { type Embedder, unitVector } from '@soma/embedding';
import type { SearchRequest } from './search.schema.js';

/** What the context counts beside the query. */
export const CONTEXT_SHARE = 0.3;

/** Vectors of queries, as long as the embedder makes them in time. */
export class QueryVectors {
  private readonly logger = new Logger(QueryVectors.name);

  /** Of the query, moved towards its context; undefined when the embedder does not answer. */
  async of(
    scope: TenantScope,
    embedder: Embedder,
    { query, context }: Pick<SearchRequest, 'query' | 'context'>,
  ): Promise<Float32Array | undefined> {
    const texts = context === undefined ? [query] : [query, context];
    try {
      return mixed(await embedder.embed(scope, texts));
    } catch (error) {
      if (!isAway(error)) throw error;
      this.logger.debug({ err: error }, 'The embedder did not answer; searching by words alone');
      return undefined;
    }
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof SomaError && error.code === 'EMBEDDING_UNAVAILABLE';

/** The query's vector, moved towards the context's; of length 1. */
function mixed([query, context]: readonly Float32Array[]): Float32Array {
  if (!query) throw new Error('The embedder left out the query.');
  if (!context) return query;
  const sum = query.map(
    (value, at) => (1 - CONTEXT_SHARE) * value + CONTEXT_SHARE * (context[at] ?? 0),
  );
  return unitVector(sum) ?? query;
}
