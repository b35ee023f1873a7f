import type { TenantScope } from '@soma/core';

/** Which of a tenant's data keys is meant; a wrapped key opens as that one only. */
export interface DataKeyName {
  readonly version: number;
}

export const DATA_KEY_BYTES = 32;

/**
 * The key-encryption key: wraps data keys so that they can be kept in the database. A wrapped key is
 * text that begins with the name of what wrapped it.
 *
 * Every method throws SomaError ENCRYPTION_KEY_UNAVAILABLE while the key-encryption key cannot be
 * used, and DECRYPTION_FAILED for a wrapped key that was changed, or is of another tenant or version.
 */
export abstract class KeyWrapper {
  /** The name of the key-encryption key that wraps now; undefined when there is none. */
  abstract current(): Promise<string | undefined>;
  /** The name of the key-encryption key this was wrapped with. */
  abstract nameOf(wrapped: string): string;
  abstract wrap(scope: TenantScope, name: DataKeyName, key: Buffer): Promise<string>;
  /** @returns the 32 bytes of the data key. */
  abstract unwrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<Buffer>;
  /** The same data key under the current key-encryption key; the same text where it is already. */
  abstract rewrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<string>;
}
