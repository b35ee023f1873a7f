import type { OutboxTask } from './index-outbox.js';

/** A task that failed so often, the last times alone, is parked. */
export const MAX_TRIES = 10;

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Short: once the index is well again, it catches up at once. */
const LONGEST_OUTAGE_MS = 5_000;
/** Tasks tried together at their first and second try; later ones are tried alone. */
const COMPANY = [500, 25] as const;

type Tasks = readonly [OutboxTask, ...OutboxTask[]];

/** Splits tasks of one tenant: the more often one failed, the fewer are tried with it. */
export function chunksBySuspicion(tasks: Tasks): Tasks[] {
  const byTry = Map.groupBy(tasks, ({ attempts }) => Math.min(attempts, COMPANY.length + 1));
  return [...byTry].flatMap(([attempts, alike]) => {
    const size = COMPANY[Math.max(attempts, 1) - 1] ?? 1;
    return Array.from({ length: Math.ceil(alike.length / size) }, (_, number) =>
      alike.slice(number * size, (number + 1) * size),
    ).flatMap(([first, ...rest]): Tasks[] => (first ? [[first, ...rest]] : []));
  });
}

/** Doubles with each try, up to half a minute. */
export function retryDelay(tasks: readonly { readonly attempts: number }[]): number {
  const attempts = Math.min(...tasks.map((task) => task.attempts));
  return doubled(attempts, LONGEST_RETRY_MS);
}

/** Doubles with each outage in a row, up to five seconds. */
export const outageDelay = (outagesInARow: number): number =>
  doubled(outagesInARow, LONGEST_OUTAGE_MS);

const doubled = (times: number, longestMs: number): number =>
  Math.min(longestMs, FIRST_RETRY_MS * 2 ** Math.max(0, times - 1));
