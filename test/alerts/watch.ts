import { pause } from '../faults/harness/pause.ts';
import type { Service } from '../faults/harness/service.ts';
import { repeated } from './repeated.ts';
import { metricsOfAlerts, type RingingAlert, type RuleEngine } from './rule-engine.ts';
import { ScrapeHistory } from './scrape-history.ts';

/** Half a second of the run is one scrape, which in the chart is one in 15 s. */
export const SCRAPE_MS = 500;
/** A busy machine is slow, and not away. */
const ANSWERS_WITHIN_MS = 3_000;
const EVALUATE_MS = 2_000;

/** Scrapes without an alert after which it counts as silent. */
export const SILENCE = 10;

/** An alert of which certain labels are certain values. */
export type Expected = Readonly<Record<string, string>>;

/** Scrapes a service for as long as it runs, and says which alerts ring. */
export class Watch {
  readonly #service: Service;
  readonly #engine: RuleEngine;
  readonly #history = new ScrapeHistory(metricsOfAlerts());
  readonly #scraping = repeated(() => this.#scrape());

  constructor(service: Service, engine: RuleEngine) {
    this.#service = service;
    this.#engine = engine;
  }

  start(): void {
    this.#scraping.begin();
  }

  async stop(): Promise<void> {
    await this.#scraping.end().catch(() => undefined);
  }

  /** Which rang at each scrape since `moment`, with its time in ms. */
  async ringing(moment: number): Promise<[at: number, alerts: RingingAlert[]][]> {
    const { moments } = this.#history;
    const since = moments.findIndex((at) => at >= moment);
    if (since === -1) return [];
    const ringing = await this.#engine.ringing(this.#history, since);
    return ringing.map((alerts, index) => [moments[since + index] ?? moment, alerts]);
  }

  /** Waits until all of them ring at once or have rung since `moment`; false when they do not within `withinMs`. */
  untilRinging(all: readonly Expected[], moment: number, withinMs: number): Promise<boolean> {
    return this.#until(withinMs, async () => {
      const scrapes = await this.ringing(moment);
      return all.every((one) => scrapes.some(([, alerts]) => rings(one, alerts)));
    });
  }

  /** Waits until none of them has rung for ten scrapes. */
  untilSilent(all: readonly Expected[], withinMs: number): Promise<boolean> {
    return this.#until(withinMs, async () => {
      const moment = this.#history.moments.at(-SILENCE);
      if (moment === undefined) return false;
      const scrapes = await this.ringing(moment);
      return !scrapes.some(([, alerts]) => all.some((one) => rings(one, alerts)));
    });
  }

  async #until(withinMs: number, isSo: () => Promise<boolean>): Promise<boolean> {
    const end = performance.now() + withinMs;
    for (;;) {
      await pause(EVALUATE_MS);
      if (await isSo()) return true;
      if (performance.now() > end) return false;
    }
  }

  async #scrape(): Promise<void> {
    const moment = performance.now();
    const [api, worker] = await Promise.all(
      (['api', 'worker'] as const).map((role) => this.#service.metrics(role, ANSWERS_WITHIN_MS)),
    );
    this.#history.add(moment, { api, worker });
    await pause(Math.max(0, moment + SCRAPE_MS - performance.now()));
  }
}

export const rings = (one: Expected, alerts: readonly RingingAlert[]): boolean =>
  alerts.some((alert) => Object.entries(one).every(([label, value]) => alert[label] === value));
