import { Injectable } from '@nestjs/common';
import { ConsistencyStore } from './consistency-store.js';
import type { ReconcileReport } from './consistency.schema.js';
import { Reconciler, type ReconcileOptions } from './reconciler.js';

/** Comparisons; the report of the last one of all tenants is kept, for every process to see. */
@Injectable()
export class ReconcileRuns {
  constructor(
    private readonly reconciler: Reconciler,
    private readonly store: ConsistencyStore,
  ) {}

  async reconcile(options: ReconcileOptions = {}): Promise<ReconcileReport> {
    const report = await this.reconciler.reconcile(options);
    if (options.tenant === undefined) await this.store.keepReport(report);
    return report;
  }

  last(): Promise<ReconcileReport | undefined> {
    return this.store.lastReport();
  }
}
