import { z } from 'zod';
import type { FilterOperator } from './filter.js';

const INSTANT = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);
const FRACTION = /\.(\d+)/;

/**
 * Milliseconds since 1970 of an ISO 8601 text, or undefined. A time needs its zone; a date alone is
 * its midnight UTC. Memories have whole milliseconds, so of a finer bound `gte` and `lt` mean the
 * next millisecond and all others the one it falls in.
 */
export function parseTimestamp(text: string, op: FilterOperator): number | undefined {
  if (!INSTANT.safeParse(text).success) return undefined;
  const finer = /[1-9]/.test((FRACTION.exec(text)?.[1] ?? '').slice(3));
  const whole = Date.parse(text.replace(FRACTION, (fraction) => fraction.slice(0, 4)));
  if (!Number.isFinite(whole)) return undefined;
  return finer && (op === 'gte' || op === 'lt') ? whole + 1 : whole;
}
