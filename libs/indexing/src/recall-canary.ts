import { Logger } from '@nestjs/common';
import { BackgroundWork, type Clock, tenantId, TenantScope } from '@soma/core';
import type { Embedder } from '@soma/embedding';
import type { ConsistencyStore } from './consistency-store.js';
import type { ReconcileReport, TenantReport } from './consistency.schema.js';
import type { RecallGate } from './recall-gate.js';
import type { ReconcileRuns } from './reconcile-runs.js';
import type { ReconcileOptions } from './reconciler.js';

const TENANTS = 20;
const QUERIES = 40;
/** Read twice, and compared with forty queries: a second or two of work. */
const MOST_VECTORS = 20_000;

/**
 * Comparisons of the index, each followed by a look at how much of what is nearest it finds: of a few
 * tenants, other ones each time, in namespaces that together have 20,000 vectors at most.
 */
export class RecallCanary {
  private readonly logger = new Logger(RecallCanary.name);
  private readonly work = new BackgroundWork('measure-recall');

  constructor(
    private readonly runs: Pick<ReconcileRuns, 'reconcile'>,
    private readonly gate: Pick<RecallGate, 'measure'>,
    private readonly store: ConsistencyStore,
    private readonly embedder: Embedder,
    private readonly clock: Clock,
  ) {
    this.work.start();
  }

  /** @throws what the comparison throws; the look that follows fails by itself. */
  async reconcile(options: ReconcileOptions = {}): Promise<ReconcileReport> {
    const report = await this.runs.reconcile(options);
    try {
      await this.work.run(() => this.measure(report.tenants, options.signal));
    } catch (error) {
      if (options.signal?.aborted) return report;
      this.logger.warn({ err: error }, 'The recall of the index could not be measured');
    }
    return report;
  }

  private async measure(tenants: readonly TenantReport[], signal?: AbortSignal): Promise<void> {
    const { recall: ratio, queries } = await this.gate.measure(this.embedder.model, {
      keep: () => Promise.resolve(signal?.throwIfAborted()),
      tenants: someOf(tenants),
      queries: QUERIES,
      mostVectors: MOST_VECTORS,
    });
    const measuredAt = this.clock.now().toISOString();
    await this.store.keepRecall({ measured_at: measuredAt, ratio, queries });
  }
}

/** Of those that have anything in the index, as likely one as another. */
function someOf(tenants: readonly TenantReport[]): TenantScope[] {
  return tenants
    .filter(({ expected }) => expected > 0)
    .map(({ tenant_id: id }) => ({ id, place: Math.random() }))
    .toSorted((left, right) => left.place - right.place)
    .slice(0, TENANTS)
    .map(({ id }) => TenantScope.of(tenantId(id)));
}
