import { Injectable } from '@nestjs/common';
import { memoryId, parseCoordinate, type TenantScope } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { v7 as uuidv7 } from 'uuid';
import { contentOfPayload } from './content.js';
import { derivedCoordinate } from './derived-coordinate.js';
import { drawnContext } from './drawn-context.js';
import type { MemoryDraft, MemoryEmbedding } from './memory-repository.js';
import type { StoreMemory } from './memory.schema.js';

/** Texts in one call of the embedder. */
const EMBEDDING_PART = 250;

/** Turns validated requests into drafts: content drawn, embedded, coordinate read or derived. */
@Injectable()
export class MemoryDrafter {
  constructor(private readonly embedder: Embedder) {}

  /** One draft for each request, in order. */
  async draft(scope: TenantScope, requests: readonly StoreMemory[]): Promise<MemoryDraft[]> {
    const contents = requests.map(
      (request) => request.content ?? contentOfPayload(request.payload),
    );
    const vectors = await this.embedAll(scope, contents);
    return requests.map((request, index) => {
      const [content, vector] = [contents[index], vectors[index]];
      if (content === undefined || !vector) throw new Error('The embedder left out a text.');
      return this.draftOne(request, content, vector);
    });
  }

  async embed(scope: TenantScope, content: string): Promise<MemoryEmbedding> {
    const [vector] = await this.embedder.embed(scope, [content]);
    if (!vector) throw new Error('The embedder left out a text.');
    return { model: this.embedder.model, vector };
  }

  /** In parts, so that a slow provider's deadline is a part's and what it gave is kept. */
  private async embedAll(scope: TenantScope, contents: readonly string[]): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < contents.length; start += EMBEDDING_PART) {
      const part = contents.slice(start, start + EMBEDDING_PART);
      vectors.push(...(await this.embedder.embed(scope, part)));
    }
    return vectors;
  }

  private draftOne(request: StoreMemory, content: string, vector: Float32Array): MemoryDraft {
    const id = memoryId(uuidv7());
    return {
      id,
      namespace: request.namespace,
      coordinate:
        request.coord === undefined
          ? derivedCoordinate(vector, id)
          : parseCoordinate(request.coord),
      memory_type: request.memory_type,
      content,
      payload: request.payload,
      metadata: request.metadata,
      tags: [...new Set(request.tags)],
      importance: request.importance,
      pinned: request.pinned,
      ...drawnContext(request),
      expires_at: request.expires_at ?? null,
      links: request.links.map((link) => ({ ...link, to: parseCoordinate(link.to_coord) })),
      embedding: { model: this.embedder.model, vector },
    };
  }
}
