import type { TenantScope } from '@soma/core';
import type { EntryIdPage } from '@soma/vector-index';
import { ConsistencyStore, type EntryState, type StoredEntry } from '../src/consistency-store.js';
import type { RecallReport, ReconcileReport } from '../src/consistency.schema.js';

/** What one tenant has stored, by entry id, and what of it is in the outbox. */
export class TenantEntries {
  readonly stored = new Map<string, EntryState>();
  readonly outbox = new Set<string>();
}

export class InMemoryConsistencyStore extends ConsistencyStore {
  report: ReconcileReport | undefined;
  private readonly byTenant = new Map<TenantScope, TenantEntries>();

  constructor(private readonly model: string) {
    super();
  }

  of(scope: TenantScope): TenantEntries {
    const entries = this.byTenant.get(scope) ?? new TenantEntries();
    this.byTenant.set(scope, entries);
    return entries;
  }

  async tenants(limit: number, after = ''): Promise<TenantScope[]> {
    return [...this.byTenant.keys()]
      .filter(({ tenantId }) => tenantId > after)
      .toSorted((left, right) => (left.tenantId < right.tenantId ? -1 : 1))
      .slice(0, limit);
  }

  async hasTenant(scope: TenantScope): Promise<boolean> {
    return this.byTenant.has(scope);
  }

  async models(): Promise<string[]> {
    return [this.model];
  }

  async timeBefore(): Promise<Date> {
    return new Date(0);
  }

  async entries(scope: TenantScope, { after = '', limit }: EntryIdPage): Promise<StoredEntry[]> {
    return [...this.of(scope).stored]
      .map(([entryId, state]) => ({ entryId, state }))
      .filter(({ entryId }) => entryId > after)
      .toSorted((left, right) => (left.entryId < right.entryId ? -1 : 1))
      .slice(0, limit);
  }

  async unknown(scope: TenantScope, entryIds: readonly string[]): Promise<string[]> {
    const { stored, outbox } = this.of(scope);
    return entryIds.filter((id) => !stored.has(id) && !outbox.has(id));
  }

  async requeue(scope: TenantScope, entryIds: readonly string[]): Promise<number> {
    const { stored, outbox } = this.of(scope);
    const ids = entryIds.filter((id) => stored.has(id) && stored.get(id) !== 'waiting');
    for (const id of ids) {
      stored.set(id, 'waiting');
      outbox.add(id);
    }
    return ids.length;
  }

  async requeuePage(
    scope: TenantScope,
    limit: number,
    after = '',
  ): Promise<{ queued: number; last?: string }> {
    const page = await this.entries(scope, { model: this.model, after, limit });
    const { stored, outbox } = this.of(scope);
    const ids = page.map(({ entryId }) => entryId).filter((id) => !outbox.has(id));
    for (const id of ids) {
      stored.set(id, 'waiting');
      outbox.add(id);
    }
    return { queued: ids.length, last: page.at(-1)?.entryId };
  }

  async count(scope: TenantScope): Promise<{ stored: number; waiting: number }> {
    const states = [...this.of(scope).stored.values()];
    return {
      stored: states.length,
      waiting: states.filter((state) => state !== 'settled').length,
    };
  }

  async keepReport(report: ReconcileReport): Promise<void> {
    this.report = { ...this.report, ...report };
  }

  async keepRecall(recall: RecallReport): Promise<void> {
    if (this.report) this.report = { ...this.report, recall };
  }

  async lastReport(): Promise<ReconcileReport | undefined> {
    return this.report;
  }
}
