import { randomUUID } from 'node:crypto';
import type { ReconcileReport } from './consistency.schema.js';
import type { ReconcileRuns } from './reconcile-runs.js';
import type { ScheduledReconciling } from './reconcile-schedule.js';
import type { ReconcileTurns } from './reconcile-turns.js';

const LEASE_MS = 60_000;

/** Compares when no other process does and none has of late. */
export class ReconcileInTurns implements ScheduledReconciling {
  private readonly holder = randomUUID();

  constructor(
    private readonly runs: Pick<ReconcileRuns, 'reconcile'>,
    private readonly turns: ReconcileTurns,
    private readonly leaseMs = LEASE_MS,
  ) {}

  /** Ends before the next batch when the turn is lost. */
  async reconcile(signal: AbortSignal, restMs: number): Promise<ReconcileReport | undefined> {
    const { leaseMs } = this;
    if (!(await this.turns.take(this.holder, { leaseMs, restMs }))) return undefined;
    const lost = new AbortController();
    const renewing = setInterval(() => void this.keep(lost), leaseMs / 3);
    renewing.unref();
    let finished = false;
    try {
      const report = await this.runs.reconcile({ signal: AbortSignal.any([signal, lost.signal]) });
      finished = true;
      return report;
    } finally {
      clearInterval(renewing);
      await this.turns.end(this.holder, finished);
    }
  }

  /** A renewal without an answer leaves the lease to run out; another may then compare as well, which is harmless. */
  private async keep(lost: AbortController): Promise<void> {
    const kept = await this.turns.renew(this.holder, this.leaseMs).catch(() => true);
    if (!kept) lost.abort(new Error('Another process has taken the turn to compare.'));
  }
}
