import type { Role } from '../faults/harness/service.ts';

/** A series in the notation of promtool's tests. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** What each process answered at /metrics; undefined when it did not answer. */
export type Scrape = Readonly<Record<Role, string | undefined>>;

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

/**
 * What a Prometheus would have kept of its scrapes: `up` of each process, and the series whose names are
 * wanted, with the labels that the chart's ServiceMonitor gives them. A series that a scrape has no more is
 * stale from then on, as Prometheus has it.
 */
export class ScrapeHistory {
  readonly #wanted: ReadonlySet<string>;
  readonly #series = new Map<string, Map<number, string>>();
  readonly #moments: number[] = [];

  constructor(wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
  }

  /** When each scrape was, as `performance.now()` says it. */
  get moments(): readonly number[] {
    return this.#moments;
  }

  add(moment: number, scrape: Scrape): void {
    const at = this.#moments.push(moment) - 1;
    for (const [role, exposition] of Object.entries(scrape)) {
      const target = `job="soma", component="${role}", instance="${role}"`;
      this.#note(`up{${target}}`, at, exposition === undefined ? '0' : '1');
      for (const line of (exposition ?? '').split('\n')) {
        const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
        if (!this.#wanted.has(name)) continue;
        this.#note(`${name}{${labels === '' ? target : `${labels}, ${target}`}}`, at, value);
      }
    }
  }

  /** What was kept of the scrapes from number `from` on. */
  inputSeries(from: number): InputSeries[] {
    const scrapes = this.#moments.map((_, at) => at).slice(from);
    return [...this.#series].map(([series, samples]) => ({
      series,
      values: scrapes.map((at) => samples.get(at) ?? absence(samples, at)).join(' '),
    }));
  }

  #note(series: string, at: number, value: string): void {
    const samples = this.#series.get(series) ?? new Map<number, string>();
    samples.set(at, value);
    this.#series.set(series, samples);
  }
}

const absence = (samples: ReadonlyMap<number, string>, at: number): string =>
  samples.has(at - 1) ? 'stale' : '_';
