import { BackgroundWork } from './background-work.js';
import { stoppablePause } from './stoppable-pause.js';

/** Work that a process goes on with in the background from its start to its shutdown. */
export class BackgroundLoop {
  private readonly stopping = new AbortController();
  private readonly work: BackgroundWork;
  private running: Promise<void> = Promise.resolve();

  /** @param name of the work, in metrics: of few in all, in kebab case. */
  constructor(
    name: string,
    private readonly pauseMs: number,
  ) {
    this.work = new BackgroundWork(name);
  }

  /** Aborted when it is told to stop: what a long step can look at. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /**
   * Steps again and again, one at a time: at once after a step that says there is more, else after
   * the pause, before which none begins with `pauseFirst`. A step deals with its own failures: one
   * that rejects ends the loop.
   */
  start(step: () => Promise<boolean>, { pauseFirst = false } = {}): void {
    this.work.start();
    this.running = this.run(step, pauseFirst);
  }

  /** Says, within a step that deals with a failure of its own, that there was one. */
  failed(): void {
    this.work.failed();
  }

  /** Begins no other step, and waits for the one under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(step: () => Promise<boolean>, pauseFirst: boolean): Promise<void> {
    if (pauseFirst) await stoppablePause(this.pauseMs, this.signal);
    while (!this.signal.aborted) {
      const more = await this.work.run(step);
      if (!more) await stoppablePause(this.pauseMs, this.signal);
    }
  }
}
