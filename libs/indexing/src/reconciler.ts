import { Injectable } from '@nestjs/common';
import { Clock, type TenantScope } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { VectorIndex } from '@soma/vector-index';
import { ConsistencyStore, type StoredEntry } from './consistency-store.js';
import type { ReconcileReport, TenantReport } from './consistency.schema.js';
import { OutboxSignal } from './outbox-signal.js';
import { everyPage, groupsOf, pairedEntries } from './paired-entries.js';
import { tenantsOf } from './tenants-of.js';

export interface ReconcileOptions {
  /** Absent: every tenant. */
  readonly tenant?: TenantScope;
  readonly dryRun?: boolean;
  /** Ends the run before the next batch. */
  readonly signal?: AbortSignal;
}

interface Run {
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

interface Part extends Run {
  readonly scope: TenantScope;
  readonly model: string;
  /** Entries indexed before are seen by every later reading of the index. */
  readonly settledBefore: Date;
}

type Counts = { -readonly [Name in Exclude<keyof TenantReport, 'tenant_id'>]: number };

/** Reading Milvus as it is now takes a fifth of a second, most of it waiting. */
const TENANTS_AT_ONCE = 4;
const IDS_A_PAGE = 5_000;
/** For some hundreds more the planner, which knows no tenant's size, reads all of a tenant's entries. */
const IDS_A_REPAIR = 200;

/**
 * Compares what Postgres says should be in the index with what is there, by tenant, and repairs both
 * ways: missing entries are queued, orphans removed. Harmless beside writers and beside another run;
 * holds a page of ids of either side, of four tenants at a time.
 */
@Injectable()
export class Reconciler {
  constructor(
    private readonly store: ConsistencyStore,
    private readonly index: VectorIndex,
    private readonly embedder: Embedder,
    private readonly signal: OutboxSignal,
    private readonly clock: Clock,
  ) {}

  /** @throws SomaError DEPENDENCY_UNAVAILABLE when either side does not answer. */
  async reconcile(options: ReconcileOptions = {}): Promise<ReconcileReport> {
    const run = { dryRun: options.dryRun ?? false, signal: options.signal };
    const startedAt = this.clock.now();
    const tenants: TenantReport[] = [];
    for await (const scopes of groupsOf(TENANTS_AT_ONCE, tenantsOf(this.store, options.tenant))) {
      const reports = scopes.map((scope) => this.reconcileTenant(scope, run));
      // All of them have ended when this ends, also when one has failed.
      await Promise.allSettled(reports);
      tenants.push(...(await Promise.all(reports)));
    }
    return {
      started_at: startedAt.toISOString(),
      finished_at: this.clock.now().toISOString(),
      dry_run: run.dryRun,
      tenants,
    };
  }

  private async reconcileTenant(scope: TenantScope, run: Run): Promise<TenantReport> {
    run.signal?.throwIfAborted();
    const settledBefore = await this.store.timeBefore(scope, this.index.visibilityLagMs);
    // A tenant that has deleted everything may still have orphans, of the model in use.
    const models = new Set([this.embedder.model, ...(await this.store.models(scope))]);
    const counts = noCounts();
    for (const model of models) {
      await this.compare({ ...run, scope, model, settledBefore }, counts);
    }
    return { tenant_id: scope.tenantId, ...counts };
  }

  private async compare(part: Part, counts: Counts): Promise<void> {
    const missing: string[] = [];
    const orphans: string[] = [];
    for await (const { entryId, isIndexed, stored } of this.pairs(part)) {
      if (isIndexed) counts.indexed += 1;
      if (stored) counts[stored.state === 'waiting' ? 'waiting' : 'expected'] += 1;
      if (!stored) orphans.push(entryId);
      else if (stored.state === 'unqueued' || (stored.state === 'settled' && !isIndexed)) {
        missing.push(entryId);
      }
      if (missing.length === IDS_A_REPAIR) await this.queue(part, missing.splice(0), counts);
      if (orphans.length === IDS_A_REPAIR) await this.remove(part, orphans.splice(0), counts);
    }
    await this.queue(part, missing, counts);
    await this.remove(part, orphans, counts);
  }

  private pairs({ scope, model, settledBefore }: Part) {
    const limit = IDS_A_PAGE;
    const indexed = everyPage<string>(
      limit,
      (entryId) => entryId,
      (after) => this.index.entryIds(scope, { model, limit, after }),
    );
    const stored = everyPage<StoredEntry>(
      limit,
      ({ entryId }) => entryId,
      (after) => this.store.entries(scope, { model, limit, after }, settledBefore),
    );
    return pairedEntries(indexed, stored);
  }

  private async queue(part: Part, entryIds: readonly string[], counts: Counts): Promise<void> {
    part.signal?.throwIfAborted();
    if (entryIds.length === 0) return;
    if (part.dryRun) {
      counts.missing += entryIds.length;
      return;
    }
    const queued = await this.store.requeue(part.scope, entryIds, part.settledBefore);
    this.signal.raise();
    counts.missing += queued;
    counts.repaired += queued;
  }

  /**
   * Postgres is asked after the index was read, and only committed entries ever reach the index: what
   * Postgres does not know now it can never come to know.
   */
  private async remove(part: Part, entryIds: readonly string[], counts: Counts): Promise<void> {
    part.signal?.throwIfAborted();
    if (entryIds.length === 0) return;
    const orphans = await this.store.unknown(part.scope, entryIds);
    counts.orphans += orphans.length;
    if (part.dryRun || orphans.length === 0) return;
    await this.index.remove(part.scope, part.model, orphans);
    counts.repaired += orphans.length;
  }
}

const noCounts = (): Counts => ({
  expected: 0,
  waiting: 0,
  indexed: 0,
  missing: 0,
  orphans: 0,
  repaired: 0,
});
