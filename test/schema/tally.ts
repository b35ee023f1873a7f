import { exceptionOf } from './exceptions.ts';
import { bodyOf } from './report-events.ts';
import type { Recorder, ReportedCase, ReportEvent } from './report-events.ts';

export interface OperationTally {
  cases: number;
  accepted: number;
  refused: number;
  serverErrors: number;
  excused: number;
  failures: number;
}

export interface Failure {
  readonly operation: string;
  readonly phase: string;
  readonly check: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly body: unknown;
  readonly request: ReportedCase['value'] | undefined;
}

/** Counts what every operation answered, and judges every check that did not hold. */
export class Tally {
  readonly operations = new Map<string, OperationTally>();
  readonly failures: Failure[] = [];
  /** What kept Schemathesis itself from its work. */
  readonly errors: string[] = [];
  readonly #shut = new Set<string>();
  #finished = 0;

  /** Operations that refused the token: the configuration gives them the wrong one. */
  get shut(): readonly string[] {
    return [...this.#shut];
  }

  /** Runs that came to their end. */
  get finished(): number {
    return this.#finished;
  }

  /**
   * Whether all that failed says nothing of the document: it was refused because a dependency had not
   * answered in time, or Schemathesis was kept from its work, which gives up where drawing is slow.
   */
  get isOnlyBusy(): boolean {
    const isBusy = ({ status, body }: Failure): boolean =>
      status === 503 && (body as { code?: string } | undefined)?.code === 'DEPENDENCY_UNAVAILABLE';
    const wrong = this.failures.length + this.errors.length;
    return wrong > 0 && this.failures.every(isBusy);
  }

  add(event: ReportEvent): void {
    if (event.ScenarioFinished) {
      this.#scenario(event.ScenarioFinished.recorder, event.ScenarioFinished.phase);
    }
    if (event.EngineFinished?.stop_reason === 'completed') this.#finished += 1;
    for (const [kind, value] of Object.entries(event)) {
      if (/Error$|^Interrupted$/.test(kind)) this.errors.push(JSON.stringify(value).slice(0, 600));
    }
  }

  #scenario({ label, cases, checks, interactions }: Recorder, phase: string): void {
    for (const [id, { value }] of Object.entries(cases ?? {})) {
      const operation =
        label.startsWith('/') || label.includes(' /') ? label : `${value.method} ${value.path}`;
      const tally = this.#of(operation);
      const interaction = interactions?.[id];
      const status = interaction?.response?.status_code;
      tally.cases += 1;
      if (status === 403) this.#shut.add(operation);
      if (status !== undefined && status < 400) tally.accepted += 1;
      if (status !== undefined && status >= 400 && status < 500) tally.refused += 1;
      if (status !== undefined && status >= 500) tally.serverErrors += 1;
      for (const { name, status: outcome, failure_info: info } of checks?.[id] ?? []) {
        if (outcome !== 'failure' && outcome !== 'error') continue;
        const body = bodyOf(interaction);
        if (exceptionOf({ check: name, operation, status: status ?? 0, body })) {
          tally.excused += 1;
          continue;
        }
        tally.failures += 1;
        const { code = '', title = '', message = '' } = info?.failure ?? {};
        this.failures.push({
          operation,
          phase,
          check: name,
          message: `${code} ${title}: ${message}`,
          status,
          body,
          request: value,
        });
      }
    }
  }

  #of(operation: string): OperationTally {
    const known = this.operations.get(operation);
    if (known) return known;
    const fresh = { cases: 0, accepted: 0, refused: 0, serverErrors: 0, excused: 0, failures: 0 };
    this.operations.set(operation, fresh);
    return fresh;
  }
}
