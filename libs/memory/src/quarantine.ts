import type { MemoryId, TenantScope } from '@soma/core';
import type { MemoryDraft } from './memory-repository.js';

/** A write that is kept apart. */
export interface QuarantinedWrite {
  /** Id of the memory that it becomes when its coordinate is free. */
  readonly id: MemoryId;
  /** Id of the token. */
  readonly writtenBy: string;
  readonly writtenAt: Date;
  readonly draft: Omit<MemoryDraft, 'embedding'>;
}

/** Which writes are meant: by their ids, or those of one writer since a moment. */
export type QuarantineTarget =
  | { readonly kind: 'ids'; readonly ids: readonly MemoryId[] }
  | { readonly kind: 'writer'; readonly token: string; readonly since: Date | undefined };

export interface QuarantinePage {
  readonly token: string | undefined;
  readonly namespace: string | undefined;
  readonly after: MemoryId | undefined;
  readonly limit: number;
}

/** What writers in quarantine stored. Nothing in here is part of any search, list, link or count. */
export abstract class Quarantine {
  /** In the order in which they were written. */
  abstract list(scope: TenantScope, page: QuarantinePage): Promise<QuarantinedWrite[]>;
  /** Those meant, after `after`, in the order in which they were written. */
  abstract find(
    scope: TenantScope,
    target: QuarantineTarget,
    page: Pick<QuarantinePage, 'after' | 'limit'>,
  ): Promise<QuarantinedWrite[]>;
  /**
   * Takes one out, in the caller's transaction, before anything else is written there.
   * @returns whether it was still in.
   */
  abstract take(scope: TenantScope, write: QuarantinedWrite): Promise<boolean>;
  /** Deletes at most `limit` of those meant, with a receipt; undefined when there are none. */
  abstract reject(
    scope: TenantScope,
    target: QuarantineTarget,
    limit: number,
  ): Promise<{ receiptId: string; deleted: number } | undefined>;
  abstract count(scope: TenantScope, target: QuarantineTarget): Promise<number>;
}
