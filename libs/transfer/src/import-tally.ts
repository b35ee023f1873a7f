import type { SomaError } from '@soma/core';
import {
  type ImportResult,
  type LineError,
  MAX_ERRORS_SHOWN,
  type StopReason,
} from './import.schema.js';
import type { LineOutcome } from './line-outcome.js';

/** An import that does not come to the end of its lines. */
export interface Stop {
  readonly reason: StopReason;
  /** The first line that is not done. */
  readonly nextLine: number;
  readonly detail: string;
  readonly error?: SomaError;
}

/** Counts what became of lines. */
export class ImportTally {
  private readonly counts = { stored: 0, replaced: 0, skipped: 0, failed: 0 };
  private quarantined = 0;
  private readonly errors: LineError[] = [];

  get failed(): number {
    return this.counts.failed;
  }

  get isEmpty(): boolean {
    return Object.values(this.counts).every((count) => count === 0);
  }

  add(line: number, outcome: LineOutcome): void {
    this.counts[outcome.kind] += 1;
    if (outcome.kind !== 'failed') {
      if (outcome.isQuarantined) this.quarantined += 1;
    } else if (this.errors.length < MAX_ERRORS_SHOWN) {
      this.errors.push({ line, ...outcome.error });
    }
  }

  result(stop?: Stop): ImportResult {
    const { stored, replaced, skipped, failed } = this.counts;
    return {
      read: stored + replaced + skipped + failed,
      ...this.counts,
      quarantined: this.quarantined,
      errors: this.errors,
      next_line: stop?.nextLine ?? null,
      stopped: stop
        ? {
            reason: stop.reason,
            status: stop.error?.status ?? null,
            code: stop.error?.code ?? null,
            detail: stop.detail,
          }
        : null,
    };
  }
}
