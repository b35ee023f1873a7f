import { createHash } from 'node:crypto';
import type { TenantScope } from '@soma/core';

/**
 * Vectors by key, each tenant's apart: what one tenant stored is never found by another, so that no
 * tenant can learn from an answer's speed what another one wrote. Holds nothing that cannot be
 * computed again; an entry may be gone at any time.
 */
export abstract class EmbeddingCache {
  /**
   * One vector, or undefined, for each key, in order. Never fails: a cache that cannot be reached
   * has nothing.
   */
  abstract getMany(
    scope: TenantScope,
    keys: readonly string[],
  ): Promise<(Float32Array | undefined)[]>;

  /** Keeps the vectors as they are now, or forgets them where it cannot. Never fails. */
  abstract setMany(scope: TenantScope, entries: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/** `<16 hex of SHA-256(model)>:<SHA-256(text) in hex>`. */
export function embeddingKey(model: string, text: string): string {
  return `${sha256(model).slice(0, 16)}:${sha256(text)}`;
}

/** Over UTF-16: in UTF-8 all texts that differ in a lone surrogate only would be one. */
const sha256 = (text: string): string =>
  createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex');
