import { percentile } from '../../bench/percentiles.ts';
import type { Outcome } from './sender.ts';

export interface RequestSummary {
  readonly requests: number;
  /** How often each status that is no success, or each way to get none, was met. */
  readonly errors: Readonly<Record<string, number>>;
  readonly longestMs: number;
  /** Of `POST /memories`. */
  readonly storeP99Ms: number;
}

interface Noted {
  readonly what: string;
  readonly outcome: Outcome;
  readonly isWanted: boolean;
}

/** Every request of one phase: how long it took, and what came of it. */
export class RequestLog {
  readonly #noted: Noted[] = [];

  /** `isWanted`: an answer that is no success, but is what the client was after. */
  note(what: string, outcome: Outcome, isWanted = false): void {
    this.#noted.push({ what, outcome, isWanted });
  }

  summary(): RequestSummary {
    const errors: Record<string, number> = {};
    for (const { outcome, isWanted } of this.#noted) {
      if (isWanted || (outcome.status >= 200 && outcome.status < 300)) continue;
      const name = outcome.failure ?? String(outcome.status);
      errors[name] = (errors[name] ?? 0) + 1;
    }
    const stores = this.#noted.filter(({ what }) => what === 'store');
    return {
      requests: this.#noted.length,
      errors,
      longestMs: Math.max(0, ...this.#noted.map(({ outcome }) => outcome.ms)),
      storeP99Ms: percentile(
        stores.map(({ outcome }) => outcome.ms),
        99,
      ),
    };
  }

  /** Answers of the service itself with this status. */
  answers(status: number): Outcome[] {
    return this.#noted.flatMap(({ outcome }) => (outcome.status === status ? [outcome] : []));
  }

  /** Answers of 500 and above that no page promises, in words, once each. */
  undocumented(): string[] {
    const found = new Set<string>();
    for (const { what, outcome } of this.#noted) {
      const isDocumented = outcome.status === 503 && outcome.headers['retry-after'] !== undefined;
      if (outcome.status < 500 || isDocumented) continue;
      found.add(`${what} answered ${outcome.status} ${detailOf(outcome.body)}`);
    }
    return [...found];
  }

  /** The slowest, in words. */
  slowest(): string {
    const [first] = this.#noted.toSorted((a, b) => b.outcome.ms - a.outcome.ms);
    if (!first) return 'none';
    const { what, outcome } = first;
    return `${what} ${outcome.failure ?? outcome.status} after ${Math.round(outcome.ms)} ms`;
  }
}

function detailOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body);
  const { code = '', detail = '' } = body as { code?: string; detail?: string };
  return `${code}: ${detail}`;
}
