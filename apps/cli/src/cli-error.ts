import { EXIT, type ExitCode } from './exit-codes.js';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface CliErrorParts {
  readonly exitCode: ExitCode;
  /** The API's stable code, or one of this command's own. */
  readonly code: string;
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
  /** Seconds the service asked to wait. */
  readonly retryAfter?: number;
}

/** Ends the command: what went wrong, what to do, and the exit code. */
export class CliError extends Error {
  constructor(readonly parts: CliErrorParts) {
    super(parts.detail);
    this.name = 'CliError';
  }

  /** The same error with other words for some of its parts. */
  with(parts: Partial<CliErrorParts>): CliError {
    return new CliError({ ...this.parts, ...parts });
  }
}

/** A mistake on the command line, found before anything is sent. */
export function usageError(detail: string, hint?: string): CliError {
  return new CliError({ exitCode: EXIT.USAGE, code: 'USAGE', detail, hint });
}

/** A command that was run for the caller ended like this, and has said so itself. */
export class CommandExit extends Error {
  constructor(readonly code: number) {
    super(`The command ended with ${code}.`);
    this.name = 'CommandExit';
  }
}
