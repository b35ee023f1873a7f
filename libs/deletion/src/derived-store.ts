import type { MemoryId, TenantScope } from '@soma/core';

/** What is still known of a deleted memory until its deletion is verified. */
export interface DeletedMemory {
  readonly memoryId: MemoryId;
  /** Its vector in the index, if it had one. */
  readonly entry?: { readonly id: string; readonly model: string; readonly namespace: string };
  /** The vector itself, of some of them. */
  readonly vector?: Float32Array;
  /** `textDigest` of each text that it or a version of it had. */
  readonly textDigests: readonly string[];
}

/** Names of the embedding models that may have vectors in an index or a cache. */
export type ModelsInUse = () => Promise<readonly string[]>;

/** What was found where nothing should be, by name: 0 is good. */
export type Leftovers = Readonly<Record<string, number>>;

/**
 * Something that is derived from memories and kept outside of their database rows. What joins here is
 * cleared when a memory is deleted, and looked into before a receipt says so. A store that does not
 * answer rejects: the receipt then waits for it.
 */
export abstract class DerivedStore {
  abstract readonly name: string;
  /** Clears what there is of these, twice as well as once; then looks again. @returns what is left. */
  abstract clear(scope: TenantScope, deleted: readonly DeletedMemory[]): Promise<Leftovers>;
  /** The same for all that a tenant has. */
  abstract clearTenant(scope: TenantScope): Promise<Leftovers>;
}

/** All that there are, in the order in which they are cleared. */
export abstract class DerivedStores {
  abstract readonly all: readonly DerivedStore[];
}
