import type { Coordinate, JsonObject, MemoryId, PageEnd, TenantScope } from '@soma/core';
import type { Archived, ListArchive } from './archive.schema.js';

/** Keys with the values that they had. */
export interface ArchivedFields {
  readonly memoryId: MemoryId;
  readonly payload: JsonObject;
  readonly metadata: JsonObject;
}

export interface ArchiveQuestion extends Pick<ListArchive, 'kind' | 'namespace' | 'limit'> {
  readonly after: PageEnd | undefined;
}

/** What decayed and can still be restored. Nothing here is found by any read or search. */
export abstract class ArchiveStore {
  /** Latest first. */
  abstract list(scope: TenantScope, question: ArchiveQuestion): Promise<Archived[]>;
  /**
   * Puts a memory back with its versions, vectors and those of its links whose other end is there.
   * @returns undefined when there is none of this id.
   * @throws SomaError COORDINATE_TAKEN
   */
  abstract restoreMemory(
    scope: TenantScope,
    id: string,
    coordinate: Coordinate | undefined,
  ): Promise<MemoryId | undefined>;
  /** Takes keys out of the archive. @returns undefined when there are none of this id. */
  abstract takeFields(scope: TenantScope, id: string): Promise<ArchivedFields | undefined>;
  /** Whether a whole memory of this id is archived. */
  abstract has(scope: TenantScope, id: string): Promise<boolean>;
  /** Memories whose time in the archive is over, or which expired, archived or not; none that is held. */
  abstract overdue(scope: TenantScope, now: Date, limit: number): Promise<MemoryId[]>;
  /** All tenants, in the order of their ids. */
  abstract tenants(limit: number, after?: string): Promise<TenantScope[]>;
  /** Strikes keys whose time is over from the versions that have them. @returns how many entries. */
  abstract purgeFields(scope: TenantScope, now: Date, limit: number): Promise<number>;
}
