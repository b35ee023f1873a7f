import type { MemoryId, TenantScope } from '@soma/core';
import type { Memory } from '@soma/memory';

/** What of a version decides its salience. */
export type VersionFacts = Pick<Memory, 'importance' | 'pinned' | 'memory_type' | 'tier'>;

/** Versions by the time at which they were the newest. */
export abstract class VersionsAt {
  /** Undefined before the first. */
  abstract find(scope: TenantScope, id: MemoryId, at: Date): Promise<VersionFacts | undefined>;
}
