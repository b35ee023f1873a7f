import type { Stage } from './search.schema.js';

/** How long each stage of one search took, in ms; what runs beside a stage counts into both. */
export class Stopwatch {
  private readonly started = performance.now();
  private last = this.started;
  private readonly stages: Partial<Record<Stage, number>> = {};

  /** Ends a stage; the next begins. */
  lap(stage: Stage): void {
    const now = performance.now();
    this.stages[stage] = rounded((this.stages[stage] ?? 0) + now - this.last);
    this.last = now;
  }

  get elapsedMs(): number {
    return performance.now() - this.started;
  }

  get figures(): { took_ms: number; stages_ms: Partial<Record<Stage, number>> } {
    return { took_ms: rounded(this.elapsedMs), stages_ms: this.stages };
  }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
