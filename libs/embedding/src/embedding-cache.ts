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

  /** Forgets these. Rejects when it cannot be reached: then it may still have them. */
  abstract forget(scope: TenantScope, keys: readonly string[]): Promise<void>;

  /** Forgets all of a tenant. @returns how many there were. Rejects like `forget`. */
  abstract forgetTenant(scope: TenantScope): Promise<number>;

  /** How many of these it has. Rejects like `forget`. */
  abstract count(scope: TenantScope, keys: readonly string[]): Promise<number>;
}

/** `<16 hex of SHA-256(model)>:<SHA-256(text) in hex>`. */
export function embeddingKey(model: string, text: string): string {
  return embeddingKeyOf(model, textDigest(text));
}

/** The key of a text known by its digest only. */
export const embeddingKeyOf = (model: string, digest: string): string =>
  `${sha256(model).slice(0, 16)}:${digest}`;

/** SHA-256 in hex, as it stands in the keys. */
export const textDigest = (text: string): string => sha256(text);

/** Over UTF-16: in UTF-8 all texts that differ in a lone surrogate only would be one. */
function sha256(text: string): string {
  return createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex');
}
