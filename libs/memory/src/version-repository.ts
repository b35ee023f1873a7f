import type { MemoryId, TenantScope } from '@soma/core';
import type { MemoryAddress } from './memory-repository.js';
import type { Memory } from './memory.schema.js';

/** Part of a memory's history, newest first. */
export interface VersionPageRequest {
  readonly limit: number;
  /** Only versions below this one. */
  readonly below?: number | undefined;
}

/**
 * What memories were: each version as it was written, with today's counts of accesses. Versions of a
 * memory that was deleted or has expired are not there.
 */
export abstract class VersionRepository {
  abstract list(scope: TenantScope, id: MemoryId, page: VersionPageRequest): Promise<Memory[]>;
  abstract find(scope: TenantScope, id: MemoryId, version: number): Promise<Memory | undefined>;
  /** The version that was the newest at a moment; undefined when there was none yet. */
  abstract knownAt(
    scope: TenantScope,
    address: MemoryAddress,
    moment: Date,
  ): Promise<Memory | undefined>;
}
