import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BackgroundWork } from '@soma/core';
import type { ReconcileReport } from './consistency.schema.js';

const LONGEST_RETRY_MS = 60_000;
/** What is left of an interval by then is not worth another look. */
const NEARLY = 0.95;

export interface ScheduledReconciling {
  /** Compares, or gives undefined when another process is at it or was within `restMs`. */
  reconcile(signal: AbortSignal, restMs: number): Promise<ReconcileReport | undefined>;
}

/**
 * Reconciles every tenant at start and then at an interval, until shutdown. Of processes that start
 * together one does it; a process asks each minute whether it is to.
 */
export class ReconcileSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ReconcileSchedule.name);
  private readonly work = new BackgroundWork('reconcile');
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private restMs: number;

  /** @param intervalMs from the end of one run to the start of the next; 0 turns all of it off. */
  constructor(
    private readonly reconciler: ScheduledReconciling,
    private readonly intervalMs: number,
  ) {
    this.restMs = Math.min(LONGEST_RETRY_MS, intervalMs * NEARLY);
  }

  onApplicationBootstrap(): void {
    if (this.intervalMs === 0) return;
    this.work.start();
    this.running = this.run();
  }

  /** Waits for the batch under way; the rest is found again by the next run. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    let next = this.intervalMs;
    try {
      const report = await this.work.run(() =>
        this.reconciler.reconcile(this.stopping.signal, this.restMs),
      );
      this.restMs = this.intervalMs * NEARLY;
      if (report) this.log(report);
      else next = Math.min(next, LONGEST_RETRY_MS);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      next = Math.min(next, LONGEST_RETRY_MS);
      this.logger.warn({ err: error }, 'The index could not be compared; trying again');
    }
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, next);
    this.timer.unref();
  }

  private log({ tenants }: ReconcileReport): void {
    for (const tenant of tenants) {
      if (tenant.missing + tenant.orphans === 0) continue;
      this.logger.warn(tenant, 'The index differed from the database, and was repaired');
    }
  }
}
