import type { TenantScope } from '@soma/core';
import type { EntryIdPage } from '@soma/vector-index';
import type { RecallReport, ReconcileReport } from './consistency.schema.js';

/**
 * `settled`: indexed so long ago that the index must have it. `waiting`: on its way. `unqueued`:
 * neither indexed nor in the outbox, which nothing but a fault explains.
 */
export type EntryState = 'settled' | 'waiting' | 'unqueued';

export interface StoredEntry {
  readonly entryId: string;
  readonly state: EntryState;
}

/** What Postgres says the index should hold. */
export abstract class ConsistencyStore {
  /** In order of their ids, those past `after`; also those deleted lately. */
  abstract tenants(limit: number, after?: string): Promise<TenantScope[]>;
  abstract hasTenant(scope: TenantScope): Promise<boolean>;
  /** The models that the tenant's entries, stored or queued, are of. */
  abstract models(scope: TenantScope): Promise<string[]>;
  /** `lagMs` ago by the database's clock, which is the one that says when an entry was indexed. */
  abstract timeBefore(scope: TenantScope, lagMs: number): Promise<Date>;
  /** In ascending order of their ids. */
  abstract entries(
    scope: TenantScope,
    page: EntryIdPage,
    settledBefore: Date,
  ): Promise<StoredEntry[]>;
  /** Those that are neither stored nor in the outbox. */
  abstract unknown(scope: TenantScope, entryIds: readonly string[]): Promise<string[]>;
  /** Queues those that are still settled or unqueued. @returns how many. */
  abstract requeue(
    scope: TenantScope,
    entryIds: readonly string[],
    settledBefore: Date,
  ): Promise<number>;
  /**
   * Queues a page of all that is stored, whatever the index has, except what is queued already.
   * `last` is where the page ended; undefined after the end.
   */
  abstract requeuePage(
    scope: TenantScope,
    limit: number,
    after?: string,
  ): Promise<{ queued: number; last?: string }>;
  /** All entries stored, and those of them that are not indexed yet. */
  abstract count(scope: TenantScope): Promise<{ stored: number; waiting: number }>;
  /** Takes the place of the one before; what was found of the recall stays beside it. */
  abstract keepReport(report: ReconcileReport): Promise<void>;
  /** Beside the last report, in place of what was found before; nowhere without a report. */
  abstract keepRecall(recall: RecallReport): Promise<void>;
  abstract lastReport(): Promise<ReconcileReport | undefined>;
}
