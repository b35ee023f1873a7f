import type { MemoryId, TenantScope } from '@soma/core';
import type { MemoryChanges } from './memory-repository.js';
import type { VersionOrigin, WriterSince } from './take-back.js';

export interface MemoryHistory {
  readonly id: MemoryId;
  readonly namespace: string;
  readonly coordinate: string;
  readonly versions: readonly VersionOrigin[];
}

/** What one writer did, of memories that exist, expired ones too. */
export abstract class WriterHistory {
  /** Memories that have a version of the writer's, by id, those after `after`. */
  abstract memories(
    scope: TenantScope,
    of: WriterSince,
    page: { readonly after: MemoryId | undefined; readonly limit: number },
  ): Promise<MemoryId[]>;
  /** By id; with `lock`, nobody else writes them until the commit of the caller's transaction. */
  abstract histories(
    scope: TenantScope,
    ids: readonly MemoryId[],
    lock?: 'for-update',
  ): Promise<MemoryHistory[]>;
  /** All that a version says; undefined when there is no such version. */
  abstract snapshot(
    scope: TenantScope,
    id: MemoryId,
    version: number,
  ): Promise<Required<MemoryChanges> | undefined>;
  /** Links that the writer, and nobody else, made. */
  abstract countLinks(scope: TenantScope, of: WriterSince): Promise<number>;
  /** @returns how many were removed, at most `limit`. */
  abstract removeLinks(scope: TenantScope, of: WriterSince, limit: number): Promise<number>;
  /** Writes into the audit that this much was taken back, in the caller's transaction. */
  abstract record(
    scope: TenantScope,
    of: WriterSince,
    counts: Readonly<Record<string, number>>,
  ): Promise<void>;
}
