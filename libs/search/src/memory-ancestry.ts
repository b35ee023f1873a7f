import type { MemoryId, TenantScope } from '@soma/core';

/** What the hierarchy knows of memories: which are digests of which. */
export abstract class MemoryAncestry {
  /**
   * For each of the memories, those others of them that are digests of it, directly or by digests
   * between; in the tenant's own data only. One that has none is not there.
   */
  abstract ancestorsAmong(
    scope: TenantScope,
    ids: readonly MemoryId[],
  ): Promise<ReadonlyMap<MemoryId, ReadonlySet<MemoryId>>>;
}
