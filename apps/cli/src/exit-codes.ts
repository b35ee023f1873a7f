/** What the exit code of `soma` tells a script. The numbers are stable; docs/cli.md lists them. */
export const EXIT = {
  OK: 0,
  UNEXPECTED: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  REFUSED: 4,
  INVALID: 5,
  UNAVAILABLE: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for each exit code, for the help and the reference. */
export const EXIT_MEANINGS: ReadonlyArray<readonly [ExitCode, string]> = [
  [EXIT.OK, 'done'],
  [EXIT.UNEXPECTED, 'something unexpected: an internal error of the service or of this command'],
  [EXIT.USAGE, 'the command line or a file it names is wrong; nothing was sent'],
  [EXIT.NOT_FOUND, 'no such memory, link, lock, tenant, token or route'],
  [EXIT.REFUSED, 'refused: no token, a token that is not valid, or a scope it lacks'],
  [EXIT.INVALID, 'invalid data, a conflict, a failed precondition, or items of a bulk that failed'],
  [EXIT.UNAVAILABLE, 'the service is away, too slow, not ready, or limits the rate: try again'],
];

/** The exit code for an HTTP status that is not a success. */
export function exitCodeOfStatus(status: number): ExitCode {
  if (status === 404) return EXIT.NOT_FOUND;
  if (status === 401 || status === 403) return EXIT.REFUSED;
  if (status === 408 || status === 425 || status === 429) return EXIT.UNAVAILABLE;
  if (status === 502 || status === 503 || status === 504) return EXIT.UNAVAILABLE;
  if (status >= 400 && status < 500) return EXIT.INVALID;
  return EXIT.UNEXPECTED;
}
