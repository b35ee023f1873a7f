import { Injectable } from '@nestjs/common';
import {
  type Coordinate,
  type MemoryId,
  memoryId,
  parseCoordinate,
  SomaError,
  type TenantScope,
} from '@soma/core';
import { Embedder, HashEmbedder } from '@soma/embedding';
import { v7 as uuidv7 } from 'uuid';
import { contentOfPayload } from './content.js';
import { derivedCoordinate } from './derived-coordinate.js';
import { drawnContext } from './drawn-context.js';
import type { EmbeddingOnWrite, MemoryDraft } from './memory-repository.js';
import type { StoreMemory } from './memory.schema.js';

interface Embedded {
  readonly content: string;
  readonly embedding: EmbeddingOnWrite;
}

/** Texts in one call of the embedder. */
const EMBEDDING_PART = 250;

/**
 * Turns validated requests into drafts: content drawn, embedded, coordinate read or derived. While
 * the embedder does not answer, the embedding is pending, and a coordinate is derived from a hash of
 * the words instead.
 */
@Injectable()
export class MemoryDrafter {
  private readonly words = new HashEmbedder();

  constructor(private readonly embedder: Embedder) {}

  /** One draft for each request, in order. */
  async draft(scope: TenantScope, requests: readonly StoreMemory[]): Promise<MemoryDraft[]> {
    const contents = requests.map(
      (request) => request.content ?? contentOfPayload(request.payload),
    );
    const embeddings = await this.embedAll(scope, contents);
    return Promise.all(
      requests.map((request, index) => {
        const [content, embedding] = [contents[index], embeddings[index]];
        if (content === undefined || !embedding) throw new Error('The embedder left out a text.');
        return this.draftOne(scope, request, { content, embedding });
      }),
    );
  }

  async embed(scope: TenantScope, content: string): Promise<EmbeddingOnWrite> {
    const [embedding] = await this.embedAll(scope, [content]);
    if (!embedding) throw new Error('The embedder left out a text.');
    return embedding;
  }

  /** In parts, so that a slow provider's deadline is a part's; after one that failed none is asked. */
  private async embedAll(
    scope: TenantScope,
    contents: readonly string[],
  ): Promise<EmbeddingOnWrite[]> {
    const { model } = this.embedder;
    const embeddings: EmbeddingOnWrite[] = [];
    try {
      for (let start = 0; start < contents.length; start += EMBEDDING_PART) {
        const part = contents.slice(start, start + EMBEDDING_PART);
        const vectors = await this.embedder.embed(scope, part);
        embeddings.push(...vectors.map((vector) => ({ model, vector })));
      }
    } catch (error) {
      if (!(error instanceof SomaError && error.code === 'EMBEDDING_UNAVAILABLE')) throw error;
      embeddings.push(...contents.slice(embeddings.length).map(() => 'pending' as const));
    }
    return embeddings;
  }

  private async derived(
    scope: TenantScope,
    { content, embedding }: Embedded,
    id: MemoryId,
  ): Promise<Coordinate> {
    if (embedding !== 'pending') return derivedCoordinate(embedding.vector, id);
    const [vector] = await this.words.embed(scope, [content]);
    if (!vector) throw new Error('The hash left out a text.');
    return derivedCoordinate(vector, id);
  }

  private async draftOne(
    scope: TenantScope,
    request: StoreMemory,
    embedded: Embedded,
  ): Promise<MemoryDraft> {
    const id = memoryId(uuidv7());
    return {
      id,
      namespace: request.namespace,
      coordinate:
        request.coord === undefined
          ? await this.derived(scope, embedded, id)
          : parseCoordinate(request.coord),
      memory_type: request.memory_type,
      content: embedded.content,
      payload: request.payload,
      metadata: request.metadata,
      tags: [...new Set(request.tags)],
      importance: request.importance,
      pinned: request.pinned,
      ...drawnContext(request),
      expires_at: request.expires_at ?? null,
      links: request.links.map((link) => ({ ...link, to: parseCoordinate(link.to_coord) })),
      embedding: embedded.embedding,
    };
  }
}
