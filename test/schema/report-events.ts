/** What is read of the events that Schemathesis writes, one JSON object a line. */

export interface ReportedFailure {
  readonly code: string;
  readonly title: string;
  readonly message: string;
}

export interface ReportedCheck {
  readonly name: string;
  readonly status: string;
  readonly failure_info?: { readonly failure?: ReportedFailure };
}

export interface ReportedCase {
  readonly value: {
    readonly method: string;
    readonly path: string;
    readonly path_parameters?: unknown;
    readonly query?: unknown;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly body?: unknown;
  };
}

export interface Interaction {
  readonly request: { readonly method: string; readonly uri: string };
  readonly response?: {
    readonly status_code: number;
    readonly content?: { readonly $base64?: string };
  } | null;
}

export interface Recorder {
  /** The operation, or `Stateful tests`. */
  readonly label: string;
  readonly cases?: Readonly<Record<string, ReportedCase>>;
  readonly checks?: Readonly<Record<string, readonly ReportedCheck[]>>;
  readonly interactions?: Readonly<Record<string, Interaction>>;
}

export interface ReportEvent {
  readonly ScenarioFinished?: { readonly phase: string; readonly recorder: Recorder };
  readonly EngineFinished?: { readonly stop_reason: string };
  readonly [kind: string]: unknown;
}

/** The JSON of a response; undefined when it has none. */
export function bodyOf(interaction: Interaction | undefined): unknown {
  const encoded = interaction?.response?.content?.$base64;
  if (encoded === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
