import { channel } from 'node:diagnostics_channel';

/** A run that has ended, by the work's name; a failed one has told the log why. */
export interface BackgroundRun {
  readonly name: string;
  readonly seconds: number;
  readonly failed: boolean;
}

export interface BackgroundObserver {
  /** Work of this name will run in this process. */
  readonly onStart: (name: string) => void;
  readonly onRun: (run: BackgroundRun) => void;
}

const STARTS = channel('soma:background-start');
const RUNS = channel('soma:background-run');

/** Work of one kind that a process does beside its requests, run after run. */
export class BackgroundWork {
  private hasFailed = false;

  /** @param name of few in all, in kebab case: a label of metrics. */
  constructor(private readonly name: string) {}

  start(): void {
    STARTS.publish(this.name);
  }

  /** Says that the run under way did not do what it was to. */
  failed(): void {
    this.hasFailed = true;
  }

  /** One at a time. @throws what `work` throws, which is a failed run. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    this.hasFailed = false;
    try {
      return await work();
    } catch (error) {
      this.hasFailed = true;
      throw error;
    } finally {
      const run: BackgroundRun = {
        name: this.name,
        seconds: (performance.now() - began) / 1_000,
        failed: this.hasFailed,
      };
      RUNS.publish(run);
    }
  }
}

/** Tells of all background work of this process from now on. @returns what ends that. */
export function watchBackground({ onStart, onRun }: BackgroundObserver): () => void {
  const starts = (name: unknown): void => onStart(String(name));
  const runs = (run: unknown): void => {
    if (isRun(run)) onRun(run);
  };
  STARTS.subscribe(starts);
  RUNS.subscribe(runs);
  return () => {
    STARTS.unsubscribe(starts);
    RUNS.unsubscribe(runs);
  };
}

const isRun = (run: unknown): run is BackgroundRun =>
  typeof run === 'object' && run !== null && 'seconds' in run;
