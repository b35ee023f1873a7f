import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest that pieces of a computation follow each other without a pause, in milliseconds. */
const HELD_MS = 10;

/** For long computations in a process that answers requests too: a pause between pieces where one is due. */
export class GivingWay {
  private since = performance.now();

  /** Lets whatever waits run first, if the pieces since the last pause took 10 ms or more. */
  async betweenPieces(): Promise<void> {
    if (performance.now() - this.since < HELD_MS) return;
    await nextTurn();
    this.since = performance.now();
  }
}
