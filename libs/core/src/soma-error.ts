import { ERROR_TABLE, type ErrorCode } from './error-table.js';

/** One fault in a request, at a JSON pointer of the body or the name of a parameter. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export interface ErrorContext {
  readonly errors?: readonly FieldFault[];
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * An expected failure with a stable code. `detail` is shown to the client: it names the values and
 * the remedy, and never another tenant's data.
 */
export class SomaError extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    detail: string,
    context: ErrorContext = {},
  ) {
    super(detail, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'SomaError';
    this.status = ERROR_TABLE[code].status;
    this.title = ERROR_TABLE[code].title;
    this.errors = context.errors ?? [];
    this.retryAfterSeconds = context.retryAfterSeconds;
  }
}
