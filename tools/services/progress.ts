/** Progress goes to standard error: standard output belongs to `env`, `status` and commands. */
export function logProgress(subject: string, message: string): void {
  process.stderr.write(`[${subject}] ${message}\n`);
}

export function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
