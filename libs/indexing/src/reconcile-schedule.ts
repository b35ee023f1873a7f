import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ReconcileReport } from './consistency.schema.js';
import type { ReconcileOptions } from './reconciler.js';

const LONGEST_RETRY_MS = 60_000;

/** Whatever compares, and keeps what it found. */
export interface Reconciling {
  reconcile(options: ReconcileOptions): Promise<ReconcileReport>;
}

/** Reconciles every tenant at start and then at an interval, until shutdown. */
export class ReconcileSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ReconcileSchedule.name);
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  /** @param intervalMs from the end of one run to the start of the next; 0 turns all of it off. */
  constructor(
    private readonly reconciler: Reconciling,
    private readonly intervalMs: number,
  ) {}

  onApplicationBootstrap(): void {
    if (this.intervalMs > 0) this.running = this.run();
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
      this.log(await this.reconciler.reconcile({ signal: this.stopping.signal }));
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
