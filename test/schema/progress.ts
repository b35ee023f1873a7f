import type { ReportEvent } from './report-events.ts';
import type { Tally } from './tally.ts';

/** Writes a line when a phase begins and when something is found, for a run that is cut off. */
export class Progress {
  readonly #begun = Date.now();
  readonly #tally: Tally;
  readonly #write: (line: string) => void;
  #phase = '';
  #shown = 0;

  constructor(tally: Tally, write: (line: string) => void) {
    this.#tally = tally;
    this.#write = write;
  }

  add(event: ReportEvent): void {
    this.#tally.add(event);
    const phase = event.ScenarioFinished?.phase ?? this.#phase;
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.say(`${phase} began`);
    }
    for (const { operation, check, status } of this.#tally.failures.slice(this.#shown)) {
      this.say(`${operation}: ${check}, answered ${status ?? 'nothing'}`);
    }
    this.#shown = this.#tally.failures.length;
  }

  /** With the seconds since the first. */
  say(text: string): void {
    this.#write(`[schema] ${Math.round((Date.now() - this.#begun) / 1000)} s: ${text}`);
  }
}
