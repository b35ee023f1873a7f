import { Injectable } from '@nestjs/common';
import {
  type Coordinate,
  type MemoryId,
  memoryId,
  parseCoordinate,
  SomaError,
  type TenantScope,
} from '@soma/core';
import { type Embedder, Embedders, HashEmbedder, inParts } from '@soma/embedding';
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

/**
 * Turns validated requests into drafts: content drawn, embedded, coordinate read or derived. While
 * the embedder does not answer, the embedding is pending, and a coordinate is derived from a hash of
 * the words instead.
 */
@Injectable()
export class MemoryDrafter {
  private readonly words = new HashEmbedder();

  constructor(private readonly embedders: Embedders) {}

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
    const [active, ...next] = this.embedders.writing();
    const embeddings: EmbeddingOnWrite[] = [];
    try {
      for (const part of inParts(contents)) {
        const [vectors, ...besides] = await Promise.all([
          active.embed(scope, part),
          ...next.map((embedder) => this.embedBesides(scope, embedder, part)),
        ]);
        const others = besides.flatMap((made) => made ?? []);
        embeddings.push(
          ...vectors.map((vector, at) => ({
            model: active.model,
            vector,
            besides: others.flatMap(({ model, vectors: all }) => {
              const other = all[at];
              return other ? [{ model, vector: other }] : [];
            }),
          })),
        );
      }
    } catch (error) {
      if (!(error instanceof SomaError && error.code === 'EMBEDDING_UNAVAILABLE')) throw error;
      embeddings.push(...contents.slice(embeddings.length).map(() => 'pending' as const));
    }
    return embeddings;
  }

  /** What it leaves out is made later. */
  private async embedBesides(
    scope: TenantScope,
    embedder: Embedder,
    texts: readonly string[],
  ): Promise<{ model: string; vectors: Float32Array[] } | undefined> {
    try {
      const vectors = await embedder.embed(scope, texts);
      return { model: embedder.model, vectors };
    } catch {
      return undefined;
    }
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
    scope.assertTrust(request.trust);
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
      dedup: request.dedup,
      prediction: request.prediction ?? null,
      ...drawnContext(request),
      expires_at: request.expires_at ?? null,
      slot: request.slot ?? null,
      valid_from: request.valid_from ?? null,
      source: request.source ?? null,
      trust: request.trust ?? scope.writer.trust,
      links: request.links.map((link) => ({ ...link, to: parseCoordinate(link.to_coord) })),
      embedding: embedded.embedding,
    };
  }
}
