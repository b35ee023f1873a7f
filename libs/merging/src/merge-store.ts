import type { Coordinate, MemoryId, PageEnd, TenantScope } from '@soma/core';
import type { DuplicateCandidate } from '@soma/hierarchy';
import type { Merged } from './merged.schema.js';

/** Which memories of a namespace, and whose vectors. */
export interface CandidatesOf {
  readonly namespace: string;
  readonly model: string;
}

/** A memory that may be merged: no derived one, none that expires, none that says it never is. */
export interface MergeCandidate extends DuplicateCandidate {
  readonly coordinate: string;
  readonly version: number;
  readonly updatedAt: Date;
  readonly memoryType: string;
  /** Whether it is pinned or held: others may be merged into it, and it into none. */
  readonly stays: boolean;
  /** What must be the same of two memories besides what they say. */
  readonly kind: string;
}

/** A duplicate that stands behind another memory already. */
export interface MergedCandidate extends DuplicateCandidate {
  readonly into: string;
}

/** How alike a duplicate and the memory that is kept are. */
export interface Alike {
  readonly id: string;
  readonly cosine: number;
  readonly words: number;
}

/** Memories that become one. */
export interface Merge {
  readonly kept: MergeCandidate;
  /** Those that go behind it. */
  readonly members: readonly (Alike & { readonly candidate: MergeCandidate })[];
  /** Those that stand behind one of them already, the kept one included. */
  readonly behind: readonly Alike[];
}

/** What is merged, and what could be. */
export abstract class MergeStore {
  /** In the order of their last change. */
  abstract page(
    scope: TenantScope,
    of: CandidatesOf & { readonly after: PageEnd | undefined; readonly limit: number },
  ): Promise<MergeCandidate[]>;
  /** Those of the ids that may be merged. */
  abstract candidates(
    scope: TenantScope,
    of: CandidatesOf & { readonly ids: readonly string[] },
  ): Promise<MergeCandidate[]>;
  /** What stands behind these memories. */
  abstract behind(
    scope: TenantScope,
    of: CandidatesOf & { readonly ids: readonly string[] },
  ): Promise<MergedCandidate[]>;
  /**
   * Merges in the caller's transaction what is as it was read, and nothing of a cluster of which
   * something changed. @returns what was merged.
   */
  abstract merge(
    scope: TenantScope,
    namespace: string,
    merges: readonly Merge[],
    at: Date,
  ): Promise<Merge[]>;
  /** What stands behind a memory, in the order of ids. */
  abstract list(
    scope: TenantScope,
    kept: MemoryId,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<Merged[]>;
  /**
   * Puts memories back as they were, in the caller's transaction; a coordinate is for one alone.
   * @throws SomaError COORDINATE_TAKEN
   */
  abstract restore(
    scope: TenantScope,
    kept: MemoryId,
    members: readonly MemoryId[],
    coordinate: Coordinate | undefined,
  ): Promise<void>;
}
